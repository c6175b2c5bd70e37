"""A peer: the same ward pack drawn on ReportLab's canvas.

reportlab_pack.py STROKES REGULAR.ttf BOLD.ttf [REPEAT]: draws what Lifeboat's press listed for a full ward (`press
strokes`: text, rules, fills, forms and their stamps; points from the top left corner), fonts embedded, pages compressed.
Prints pages and CPU seconds.
"""
import io, resource, sys

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

pdfmetrics.registerFont(TTFont("R", sys.argv[2]))
pdfmetrics.registerFont(TTFont("B", sys.argv[3]))
repeat = int(sys.argv[4]) if len(sys.argv) > 4 else 5
groups = []
for line in open(sys.argv[1], encoding="utf-8"):
    word, _, rest = line.rstrip("\n").partition(" ")
    if word in ("page", "form"):
        groups.append((word, rest, []))
    elif word == "text":
        x, y, size, face, words = rest.split(" ", 4)
        groups[-1][2].append(("text", float(x), float(y), float(size), face if face in "RB" else "R", words))
    elif word in ("fill", "rule"):
        groups[-1][2].append((word, *map(float, rest.split())))
    elif word == "stamp":
        number, x, y, scale = rest.split()
        groups[-1][2].append(("stamp", number, float(x), float(y), float(scale)))


def draw(c, strokes, h):
    for s in strokes:
        if s[0] == "text":
            c.setFont(s[4], s[3])
            c.drawString(s[1], h - s[2], s[5])
        elif s[0] == "rule":
            c.setLineWidth(s[5])
            c.line(s[1], h - s[2], s[3], h - s[4])
        elif s[0] == "fill":
            c.rect(s[1], h - s[2] - s[4], s[3], s[4], stroke=0, fill=1)
        else:
            c.saveState()
            c.translate(s[2], h - s[3])
            c.scale(s[4], s[4])
            c.doForm("form" + s[1])
            c.restoreState()


start = resource.getrusage(resource.RUSAGE_SELF)
drawn = 0
for _ in range(repeat):
    out = io.BytesIO()
    c = canvas.Canvas(out, pageCompression=1)
    for kind, name, strokes in groups:
        if kind == "form":
            c.beginForm("form" + name, 0, -2000, 2000, 2000)
            draw(c, strokes, 0)
            c.endForm()
        else:
            wide, high = (841.9, 595.3) if name == "1" else (595.3, 841.9)
            c.setPageSize((wide, high))
            draw(c, strokes, high)
            c.showPage()
            drawn += 1
    c.save()
end = resource.getrusage(resource.RUSAGE_SELF)
print(f"{drawn} {end.ru_utime - start.ru_utime + end.ru_stime - start.ru_stime:.3f}")

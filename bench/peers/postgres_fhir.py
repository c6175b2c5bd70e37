"""A peer: FHIR resources into a PostgreSQL jsonb table by COPY, one commit.

postgres_fhir.py SOCKET_DIR PORT FILE…: prints resources and the CPU seconds of server and client together.
"""
import gzip, io, os, resource, subprocess, sys, time

host, port, files = sys.argv[1], sys.argv[2], sys.argv[3:]
psql = ["psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", host, "-p", port, "-U", "postgres", "postgres"]


def server_ticks():
    """CPU ticks of every process of this server, the finished ones among them."""
    parent = int(open(os.path.join(host, "data", "postmaster.pid")).readline())
    total = 0
    for pid in os.listdir("/proc"):
        if pid.isdigit():
            try:
                fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(pid) == parent:
                total += sum(int(f) for f in fields[11:15])
            elif int(fields[1]) == parent:
                total += int(fields[11]) + int(fields[12])
    return total


subprocess.run(psql + ["-c", "DROP TABLE IF EXISTS r; CREATE TABLE r (type text, id text, body jsonb, PRIMARY KEY (type, id))"], check=True)
lines = []
for name in files:
    opener = gzip.open if name.endswith(".gz") else open
    lines += [line for line in opener(name, "rt") if line.strip()]
# PostgreSQL itself takes the type and the id out of the document, so that no Python work is counted against it.
copy = "CREATE TEMP TABLE t (body jsonb); COPY t FROM STDIN WITH (FORMAT csv, QUOTE e'\\x01', DELIMITER e'\\x02');\n"
data = "".join(lines)
before = server_ticks()
start = resource.getrusage(resource.RUSAGE_CHILDREN)
script = copy + data + ("" if data.endswith("\n") else "\n") + "\\.\n" + \
    "INSERT INTO r SELECT body->>'resourceType', body->>'id', body FROM t ON CONFLICT DO NOTHING;\n"
subprocess.run(psql + ["--single-transaction", "-f", "-"], input=script, text=True, check=True)
end = resource.getrusage(resource.RUSAGE_CHILDREN)
time.sleep(0.3)  # the back end has ended and its ticks have reached the parent
after = server_ticks()
cpu = (after - before) / os.sysconf("SC_CLK_TCK") + (end.ru_utime - start.ru_utime) + (end.ru_stime - start.ru_stime)
print(f"{len(lines)} {cpu:.3f}")

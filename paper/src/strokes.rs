//! A plain listing of everything drawn, so that another PDF library can be measured on the very same pages.
//!
//! Called by `Press::ward_pack_strokes` for the benches alone; nothing on a ward reads it.

use crate::leaf::{Form, Leaf, Op};
use crate::typeface::Face;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Lists leaves and the drawings they use.
pub(crate) fn list(leaves: &[Leaf], form: &dyn Fn(Form) -> Leaf) -> String {
    let (mut out, mut numbers) = (String::new(), BTreeMap::new());
    for leaf in leaves {
        for op in &leaf.ops {
            let Op::Stamp { form: wanted, .. } = op else { continue };
            let next = numbers.len();
            if !numbers.contains_key(wanted) {
                numbers.insert(*wanted, next);
                out.push_str(&format!("form {next}\n"));
                write_ops(&mut out, &form(*wanted), &numbers);
            }
        }
        out.push_str(if leaf.wide { "page 1\n" } else { "page 0\n" });
        write_ops(&mut out, leaf, &numbers);
    }
    out
}

fn write_ops(out: &mut String, leaf: &Leaf, numbers: &BTreeMap<Form, usize>) {
    for op in &leaf.ops {
        // Writing to a string cannot fail.
        let _ = match op {
            Op::Words { x, y, style, from, to } => {
                let face = if style.face == Face::Bold { "B" } else { "R" };
                let words = leaf.text.get(*from as usize..*to as usize).unwrap_or("");
                writeln!(out, "text {x} {y} {} {face} {words}", style.size)
            }
            Op::Fill { x, y, w, h, .. } => writeln!(out, "fill {x} {y} {w} {h}"),
            Op::Rule { x1, y1, x2, y2, width, .. } => writeln!(out, "rule {x1} {y1} {x2} {y2} {width}"),
            Op::Stamp { form, x, y, scale } => {
                writeln!(out, "stamp {} {x} {y} {scale}", numbers.get(form).copied().unwrap_or(0))
            }
            Op::Open(_) | Op::Close => Ok(()),
        };
    }
}

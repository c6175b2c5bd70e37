//! Licences of everything that is linked into the program: permissive ones only, told apart by SPDX expression.

use anyhow::{Context, bail};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};
use std::collections::BTreeSet;

/// Licences under which Lifeboat may link code.
/// (`blessing` is SQLite's public domain dedication, `WTFPL` that of the cryptography SQLCipher brings along.)
const ALLOWED: [&str; 15] = [
    "MIT",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "Unicode-3.0",
    "Unlicense",
    "CC0-1.0",
    "MIT-0",
    "0BSD",
    "BSL-1.0",
    "CDLA-Permissive-2.0",
    "blessing",
    "WTFPL",
];

/// Fails, naming them, when a package's licence expression cannot be met with allowed licences alone.
pub fn check() -> anyhow::Result<()> {
    let metadata = MetadataCommand::new().exec().context("reading cargo metadata")?;
    let mut refused = Vec::new();
    let linked = linked(&metadata)?;
    for package in metadata.packages.iter().filter(|p| linked.contains(&p.id)) {
        let expression = package.license.clone().unwrap_or_default();
        if !allowed(&expression) {
            refused.push(format!("{} {}: {expression:?}", package.name, package.version));
        }
    }
    if !refused.is_empty() {
        bail!("licences not on the allowed list:\n  {}", refused.join("\n  "));
    }
    println!("{} packages, every licence allowed", linked.len());
    Ok(())
}

/// Packages that are linked into the program or run to build it: not those that only tests use.
fn linked(metadata: &Metadata) -> anyhow::Result<BTreeSet<PackageId>> {
    let resolve = metadata.resolve.as_ref().context("cargo metadata resolved nothing")?;
    let program = metadata.packages.iter().find(|p| p.name == "lifeboat").context("no package lifeboat")?;
    let mut seen = BTreeSet::from([program.id.clone()]);
    let mut waiting = vec![program.id.clone()];
    while let Some(id) = waiting.pop() {
        let Some(node) = resolve.nodes.iter().find(|n| n.id == id) else { continue };
        for dep in &node.deps {
            let only_tests = dep.dep_kinds.iter().all(|k| k.kind == DependencyKind::Development);
            if !only_tests && seen.insert(dep.pkg.clone()) {
                waiting.push(dep.pkg.clone());
            }
        }
    }
    Ok(seen)
}

/// Whether an SPDX expression (AND, OR, parentheses, WITH, and the old `/` for OR) can be met.
fn allowed(expression: &str) -> bool {
    let flat = expression.replace(['(', ')'], " ").replace('/', " OR ");
    // Parentheses only ever group ORs inside an AND in practice; each AND part must have an allowed choice.
    !flat.trim().is_empty()
        && flat.split(" AND ").all(|part| {
            part.split(" OR ").any(|licence| {
                let name = licence.split(" WITH ").next().unwrap_or("").trim();
                ALLOWED.contains(&name)
            })
        })
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn expressions_are_read() {
        for (expression, want) in [
            ("MIT OR Apache-2.0", true),
            ("MIT/Apache-2.0", true),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("Apache-2.0 WITH LLVM-exception OR MIT", true),
            ("GPL-3.0-only", false),
            ("MIT AND AGPL-3.0", false),
            ("", false),
        ] {
            assert_eq!(allowed(expression), want, "{expression}");
        }
    }
}

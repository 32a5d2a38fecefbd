//! A program of C says what sizes, offsets and numbers the installed headers have; here they are the same.

use migstream_sys::*;
use std::fmt::Write as _;
use std::mem::{size_of, MaybeUninit};
use std::process::Command;

/// (what C is asked for, what Rust says).
type Questions = Vec<(String, i128)>;

macro_rules! structs {
    ($($name:ident { $($member:ident)* })*) => {
        fn ask_structs(questions: &mut Questions) {
            $(
                let place = MaybeUninit::<$name>::uninit();
                let start = place.as_ptr();
                questions.push((
                    concat!("sizeof(struct ", stringify!($name), ")").into(),
                    size_of::<$name>() as i128,
                ));
                $(
                    // SAFETY: an address is taken, and nothing read.
                    let member = unsafe { std::ptr::addr_of!((*start).$member) };
                    let name = stringify!($member).trim_start_matches("r#");
                    questions.push((
                        format!("offsetof(struct {}, {name})", stringify!($name)),
                        member as i128 - start as i128,
                    ));
                )*
            )*
        }
    };
}

macro_rules! constants {
    ($($name:ident)*) => {
        fn ask_constants(questions: &mut Questions) {
            $(questions.push((stringify!($name).into(), i128::from($name)));)*
        }
    };
}

include!("members.in");

#[test]
fn same_as_in_c() {
    let mut questions = Questions::new();
    ask_structs(&mut questions);
    ask_constants(&mut questions);
    let mut program = "#include <migstream.h>\n#include <stdio.h>\nint main(void) {\n".to_string();
    for (question, _) in &questions {
        writeln!(program, "printf(\"%llu\\n\", (unsigned long long)({question}));").unwrap();
    }
    program.push_str("return 0; }\n");

    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (source, binary) = (folder.join("abi.c"), folder.join("abi"));
    std::fs::write(&source, program).unwrap();
    let status = Command::new("cc")
        .arg(format!("-I{}", env!("MIGSTREAM_INCLUDE")))
        .arg(&source)
        .arg("-o")
        .arg(&binary)
        .status()
        .expect("a C compiler");
    assert!(status.success());
    let answers = Command::new(&binary).output().unwrap();
    let answers = String::from_utf8(answers.stdout).unwrap();
    assert_eq!(answers.lines().count(), questions.len());
    for ((question, rust), c) in questions.iter().zip(answers.lines()) {
        assert_eq!(c.parse::<i128>().unwrap(), *rust, "{question}");
    }
}

#[test]
fn library_is_the_header_s() {
    // SAFETY: they take nothing.
    let (number, format) = unsafe { (mgs_version_number(), mgs_format_version()) };
    assert_eq!(number, MGS_VERSION_MAJOR * 10000 + MGS_VERSION_MINOR * 100 + MGS_VERSION_PATCH);
    assert_eq!(format, MGS_FORMAT_MAJOR << 16 | MGS_FORMAT_MINOR);
}

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use super::{Content, Place};

fn write(place: Place, text: &str) {
    let mut target = place.open().unwrap();
    target.write_all(text.as_bytes()).unwrap();
    target.commit().unwrap();
}

fn output(out: &Path, force: bool, inputs: &[PathBuf]) -> anyhow::Result<Place> {
    Place::output(out, force, Content::Binary, inputs)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_target_that_is_not_committed_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut target = output(&folder.path().join("out"), false, &[]).unwrap().open().unwrap();
    target.write_all(b"half").unwrap();
    assert_eq!(names(folder.path()).len(), 1);
    drop(target);
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn an_existing_file_is_replaced_by_force_only_and_keeps_its_permissions() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    write(output(&out, false, &[]).unwrap(), "one");
    fs::set_permissions(&out, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(output(&out, false, &[]).unwrap_err().to_string().contains("--force"));
    write(output(&out, true, &[]).unwrap(), "two");
    assert_eq!(fs::read_to_string(&out).unwrap(), "two");
    assert_eq!(fs::metadata(&out).unwrap().mode() & 0o7777, 0o640);
    assert_eq!(names(folder.path()), ["out"]);
}

#[test]
fn a_file_that_appears_meanwhile_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let target = output(&out, false, &[]).unwrap().open().unwrap();
    fs::write(&out, "another's").unwrap();
    assert!(target.commit().unwrap_err().to_string().contains("exists already"));
    assert_eq!(fs::read_to_string(&out).unwrap(), "another's");
    assert_eq!(names(folder.path()), ["out"]);
}

#[test]
fn an_input_is_refused_by_any_path_and_with_force() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("input");
    fs::write(&input, "data").unwrap();
    let (hard, soft) = (folder.path().join("hard"), folder.path().join("soft"));
    fs::hard_link(&input, &hard).unwrap();
    symlink("input", &soft).unwrap();
    let dotted = folder.path().join(".").join("input");
    for out in [&input, &hard, &soft, &dotted] {
        for force in [false, true] {
            let error = output(out, force, std::slice::from_ref(&input)).unwrap_err();
            assert!(error.to_string().contains("is the input"), "{error}");
        }
    }
}

#[test]
fn a_link_is_written_through_and_one_that_leads_nowhere_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real"), folder.path().join("link"));
    symlink("real", &link).unwrap();
    assert!(output(&link, true, &[]).unwrap_err().to_string().contains("leads nowhere"));
    fs::write(&real, "one").unwrap();
    write(output(&link, true, &[]).unwrap(), "two");
    assert!(link.is_symlink());
    assert_eq!(fs::read_to_string(&real).unwrap(), "two");
    write(Place::in_place(&link, Some(OsStr::new(".bak")), false).unwrap(), "three");
    assert!(link.is_symlink());
    assert_eq!(fs::read_to_string(&real).unwrap(), "three");
    assert_eq!(names(folder.path()), ["link", "real", "real.bak"]);
}

#[test]
fn a_backup_keeps_the_old_contents_and_is_not_lost_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (file, backup) = (folder.path().join("f"), folder.path().join("f.bak"));
    let in_place = |force| Place::in_place(&file, Some(OsStr::new(".bak")), force);
    fs::write(&file, "one").unwrap();
    write(in_place(false).unwrap(), "two");
    assert_eq!(fs::read_to_string(&backup).unwrap(), "one");
    assert!(in_place(false).unwrap_err().to_string().contains("a backup exists already"));
    write(in_place(true).unwrap(), "three");
    assert_eq!(fs::read_to_string(&backup).unwrap(), "two");
    // A run that was ended when the backup had its name and the new file had not.
    fs::remove_file(&backup).unwrap();
    fs::hard_link(&file, &backup).unwrap();
    write(in_place(false).unwrap(), "four");
    assert_eq!(fs::read_to_string(&backup).unwrap(), "three");
    assert_eq!(fs::read_to_string(&file).unwrap(), "four");
    assert_eq!(names(folder.path()), ["f", "f.bak"]);
    for suffix in ["", "/x", "x/..", "/"] {
        assert!(Place::in_place(&file, Some(OsStr::new(suffix)), true).is_err(), "{suffix}");
    }
}

#[test]
fn a_file_that_another_program_changed_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f");
    fs::write(&file, "one").unwrap();
    let mut target = Place::in_place(&file, None, false).unwrap().open().unwrap();
    target.write_all(b"two").unwrap();
    fs::write(&file, "one and more").unwrap();
    assert!(target.commit().unwrap_err().to_string().contains("changed by another program"));
    assert_eq!(fs::read_to_string(&file).unwrap(), "one and more");
    assert_eq!(names(folder.path()), ["f"]);
}

#[test]
fn devices_are_written_straight_to() {
    write(output(Path::new("/dev/null"), false, &[]).unwrap(), "gone");
    let mut full = output(Path::new("/dev/full"), false, &[]).unwrap().open().unwrap();
    full.write_all(b"too much").unwrap();
    assert!(format!("{:#}", full.commit().unwrap_err()).contains("cannot write /dev/full"));
    assert!(output(Path::new("/dev"), true, &[]).unwrap_err().to_string().contains("is a directory"));
    assert!(output(Path::new("-"), false, &[]).is_ok());
}

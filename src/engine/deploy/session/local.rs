//! Files on the controller: written beside their place, then moved there.

use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use super::Trouble;
use super::act::blocking;
use crate::modules::{Answer, Content};

/// As `open` makes files: the umask takes away what it takes away.
const MODE: u32 = 0o666;

/// Writes a file, with its missing directories.
pub(super) async fn save(path: PathBuf, content: Content) -> Result<Answer, Trouble> {
    let begun = Instant::now();
    let shown = path.display().to_string();
    blocking(&shown, move || write(&path, &content)).await?;
    Ok(Answer { duration: begun.elapsed(), ended: Some(SystemTime::now()), ..Answer::default() })
}

fn write(path: &Path, content: &Content) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent)?;
    let mode = fs::metadata(path).map_or(MODE, |metadata| metadata.permissions().mode());
    let mut file = tempfile::Builder::new()
        .prefix(".opsctl-")
        .permissions(Permissions::from_mode(mode & 0o7777))
        .tempfile_in(parent)?;
    match content {
        Content::Bytes(bytes) => file.write_all(bytes)?,
        Content::File(source) => {
            io::copy(&mut File::open(source)?, file.as_file_mut())?;
        }
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_its_directories_are_made() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b/file");
        write(&path, &Content::Bytes(b"one"[..].into())).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let source = root.path().join("source");
        fs::write(&source, b"two").unwrap();
        write(&path, &Content::File(source)).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_failure_leaves_what_was_there() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("file");
        fs::write(&path, b"old").unwrap();
        assert!(write(&path, &Content::File(root.path().join("missing"))).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }
}

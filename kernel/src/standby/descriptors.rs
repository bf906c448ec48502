//! Standard input, output and error, handed from one process to another over a socket.

#![expect(
    unsafe_code,
    reason = "the standard library does not pass descriptors between processes"
)]

use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::Error;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

const COUNT: usize = 3;
const LENGTH: usize = COUNT * size_of::<RawFd>();

/// Room for the descriptors and what the system writes before them, aligned as it wants.
type Room = [u64; 8];

/// Sends the three descriptors of this process with one byte; one that is closed goes as a file that is empty.
pub(super) fn send(stream: &UnixStream) -> Result<()> {
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    let descriptors: [RawFd; COUNT] = std::array::from_fn(|number| {
        // SAFETY: a plain question about a number.
        let open = unsafe { libc::fcntl(number as RawFd, libc::F_GETFD) } >= 0;
        if open {
            number as RawFd
        } else {
            nothing.as_raw_fd()
        }
    });
    let mut byte = [b'd'];
    let mut room: Room = [0; 8];
    with_message(&mut byte, &mut room, |message| {
        // SAFETY: the room is larger than what CMSG_SPACE asks for, and the message says so.
        let sent = unsafe {
            message.msg_controllen = libc::CMSG_SPACE(LENGTH as u32) as _;
            let header = libc::CMSG_FIRSTHDR(message);
            (*header).cmsg_level = libc::SOL_SOCKET;
            (*header).cmsg_type = libc::SCM_RIGHTS;
            (*header).cmsg_len = libc::CMSG_LEN(LENGTH as u32) as _;
            let data = libc::CMSG_DATA(header);
            data.copy_from(descriptors.as_ptr().cast(), LENGTH);
            libc::sendmsg(stream.as_raw_fd(), message, libc::MSG_NOSIGNAL)
        };
        if sent != 1 {
            return Err(Error::last_os_error()).context("cannot hand over the output");
        }
        Ok(())
    })
}

/// Receives what [`send`] has sent.
pub(super) fn receive(stream: &UnixStream) -> Result<[OwnedFd; COUNT]> {
    let mut byte = [0];
    let mut room: Room = [0; 8];
    with_message(&mut byte, &mut room, |message| {
        // SAFETY: the message describes the room as it is.
        let got = unsafe { libc::recvmsg(stream.as_raw_fd(), message, libc::MSG_CMSG_CLOEXEC) };
        if got != 1 {
            bail!("no descriptors came");
        }
        // SAFETY: the system has filled the room; descriptors that came are ours, and each is taken once.
        unsafe {
            let header = libc::CMSG_FIRSTHDR(message);
            if header.is_null()
                || (*header).cmsg_level != libc::SOL_SOCKET
                || (*header).cmsg_type != libc::SCM_RIGHTS
                || (*header).cmsg_len as usize != libc::CMSG_LEN(LENGTH as u32) as usize
            {
                bail!("something else than three descriptors came");
            }
            let mut descriptors: [RawFd; COUNT] = [0; COUNT];
            let data = libc::CMSG_DATA(header);
            data.copy_to(descriptors.as_mut_ptr().cast(), LENGTH);
            Ok(descriptors.map(|descriptor| OwnedFd::from_raw_fd(descriptor)))
        }
    })
}

/// Puts descriptors in the place of those of this process.
pub(super) fn put_on(descriptors: &[OwnedFd; COUNT]) -> Result<()> {
    for (number, descriptor) in descriptors.iter().enumerate() {
        // SAFETY: a plain call on a descriptor that is open.
        if unsafe { libc::dup2(descriptor.as_raw_fd(), number as RawFd) } < 0 {
            return Err(Error::last_os_error()).context("cannot take the output over");
        }
    }
    Ok(())
}

/// Takes a descriptor of this process away from the number under which its children would inherit it; the number leads nowhere then.
pub(super) fn move_away(number: RawFd) -> Result<File> {
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    // SAFETY: plain calls; the new descriptor belongs to the file that is returned.
    unsafe {
        let moved = libc::fcntl(number, libc::F_DUPFD_CLOEXEC, 3);
        if moved < 0 || libc::dup2(nothing.as_raw_fd(), number) < 0 {
            return Err(Error::last_os_error()).context("cannot move a descriptor");
        }
        Ok(File::from_raw_fd(moved))
    }
}

fn with_message<T>(
    byte: &mut [u8; 1],
    room: &mut Room,
    work: impl FnOnce(&mut libc::msghdr) -> Result<T>,
) -> Result<T> {
    let mut part = libc::iovec {
        iov_base: byte.as_mut_ptr().cast(),
        iov_len: 1,
    };
    // SAFETY: a header of zeros is one without an address and without anything to send.
    let mut message: libc::msghdr = unsafe { MaybeUninit::zeroed().assume_init() };
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    message.msg_control = room.as_mut_ptr().cast();
    message.msg_controllen = size_of::<Room>() as _;
    work(&mut message)
}

#[cfg(test)]
mod tests {
    use super::{receive, send};
    use std::io::Write;
    use std::os::unix::fs::MetadataExt;
    use std::os::unix::net::UnixStream;

    #[test]
    fn the_three_arrive_in_order_and_nothing_else_is_taken_for_them() {
        let (here, there) = UnixStream::pair().unwrap();
        send(&here).unwrap();
        for (number, got) in receive(&there).unwrap().into_iter().enumerate() {
            let got = std::fs::File::from(got).metadata().unwrap();
            let own = std::fs::metadata(format!("/proc/self/fd/{number}")).unwrap();
            assert_eq!((got.dev(), got.ino()), (own.dev(), own.ino()), "{number}");
        }
        (&here).write_all(b"d").unwrap();
        assert!(receive(&there).is_err());
        drop(here);
        assert!(receive(&there).is_err());
    }
}

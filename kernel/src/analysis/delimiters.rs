//! The brackets of code, past its literals and comments.

/// What is open at the end of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// So many brackets.
    Open(usize),
    /// A text or a comment.
    Within,
    /// No continuation closes this.
    Wrong,
}

/// Reads code byte by byte; all that matters is ASCII.
pub(super) struct Delimiters<'a> {
    code: &'a str,
    at: usize,
    open: Vec<u8>,
}

impl<'a> Delimiters<'a> {
    /// Finds what is open at the end.
    pub(super) fn scan(code: &'a str) -> Scan {
        let mut scan = Self {
            code,
            at: 0,
            open: Vec::new(),
        };
        while let Some(byte) = scan.byte(0) {
            if let Err(end) = scan.step(byte) {
                return end;
            }
        }
        Scan::Open(scan.open.len())
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.code.as_bytes().get(self.at + ahead).copied()
    }

    fn rest(&self) -> &'a str {
        self.code.get(self.at..).unwrap_or_default()
    }

    fn step(&mut self, byte: u8) -> Result<(), Scan> {
        match byte {
            b'(' => self.open.push(b')'),
            b'[' => self.open.push(b']'),
            b'{' => self.open.push(b'}'),
            b')' | b']' | b'}' if self.open.pop() != Some(byte) => return Err(Scan::Wrong),
            b'/' if self.byte(1) == Some(b'/') => {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
                return Ok(());
            }
            b'/' if self.byte(1) == Some(b'*') => return self.comment(),
            b'r' if self.begins_raw() => return self.raw(),
            b'"' => return self.text(),
            b'\'' => return self.letter(),
            _ => {}
        }
        self.at += 1;
        Ok(())
    }

    /// Comments nest.
    fn comment(&mut self) -> Result<(), Scan> {
        let mut depth = 0;
        loop {
            let rest = self.rest();
            if rest.starts_with("/*") {
                depth += 1;
                self.at += 2;
            } else if rest.starts_with("*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    return Ok(());
                }
            } else if let Some(next) = rest.chars().next() {
                self.at += next.len_utf8();
            } else {
                return Err(Scan::Within);
            }
        }
    }

    /// A raw text begins with `r`, `br` or `cr`, as opposed to a name that ends so, and goes on with hashes and a quote.
    fn begins_raw(&self) -> bool {
        let before = self.code[..self.at].trim_end_matches(['b', 'c']);
        let prefix = self.at - before.len();
        let in_word = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        prefix <= 1 && !in_word && self.rest()[1..].trim_start_matches('#').starts_with('"')
    }

    fn raw(&mut self) -> Result<(), Scan> {
        let rest = &self.rest()[1..];
        let hashes = rest.len() - rest.trim_start_matches('#').len();
        let close = format!("\"{}", "#".repeat(hashes));
        let body = self.at + 2 + hashes;
        let end = self.code[body..].find(&close).ok_or(Scan::Within)?;
        self.at = body + end + close.len();
        Ok(())
    }

    fn text(&mut self) -> Result<(), Scan> {
        self.at += 1;
        loop {
            match self.byte(0).ok_or(Scan::Within)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Ok(())
    }

    /// A character, or a lifetime, which has no second quote.
    fn letter(&mut self) -> Result<(), Scan> {
        let rest = &self.rest()[1..];
        let mut letters = rest.chars();
        match letters.next() {
            Some('\\') => {
                // The quote after an escaped quote is the one.
                let end = rest.get(2..).and_then(|rest| rest.find('\''));
                self.at += end.ok_or(Scan::Wrong)? + 4;
            }
            Some(letter) if letters.next() == Some('\'') => self.at += letter.len_utf8() + 2,
            Some(letter) if letter.is_alphabetic() || letter == '_' => self.at += 1,
            _ => return Err(Scan::Wrong),
        }
        Ok(())
    }
}

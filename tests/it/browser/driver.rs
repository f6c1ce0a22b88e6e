//! A real browser without a window, led over its own pipe: keys and clicks go the way a person's do.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// Names that the browser goes by.
const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];
/// How long one answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// The browser to use. Where there is none, and nobody demands one by naming it, that is said where it is seen even though
/// the test passes.
pub(crate) fn find() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("PERIMETER_BROWSER") {
        return Some(PathBuf::from(path));
    }
    let directories = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&directories)
        .flat_map(|directory| NAMES.map(|name| directory.join(name)))
        .find(|path| path.is_file());
    if found.is_none() {
        let name = std::thread::current().name().unwrap_or("a test").to_owned();
        // Not by a macro: what those print is swallowed.
        let _ = writeln!(
            std::io::stderr(),
            "\nSKIPPED {name}: no browser found; install Chromium, or name one in PERIMETER_BROWSER\n"
        );
    }
    found
}

/// A browser with one page.
pub(crate) struct Browser {
    process: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    session: Option<String>,
    asked: u64,
    /// Everything that it told of its own accord.
    events: Vec<Value>,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Start it; `None` where there is none.
    pub(crate) fn start() -> Option<Self> {
        let path = find()?;
        let profile = tempfile::tempdir().unwrap();
        let mut user_data = OsString::from("--user-data-dir=");
        user_data.push(profile.path());
        // It talks over its third and fourth file, which a shell gives it.
        let mut process = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 1>&2"])
            .arg(&path)
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--remote-debugging-pipe",
            ])
            .arg(user_data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", path.display()));
        let to = process.stdin.take().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let (sender, from) = channel();
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while let Ok(1..) = output.read_until(0, &mut message) {
                let text = message.strip_suffix(&[0]).unwrap_or(&message);
                let Ok(value) = serde_json::from_slice(text) else {
                    return;
                };
                if sender.send(value).is_err() {
                    return;
                }
                message.clear();
            }
        });
        let mut browser = Self {
            process,
            to,
            from,
            session: None,
            asked: 0,
            events: Vec::new(),
            _profile: profile,
        };
        let target = browser.ask("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.ask("Target.attachToTarget", attach);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.ask(&format!("{domain}.enable"), json!({}));
        }
        browser.resize(1_200, 900);
        browser.darken(false);
        Some(browser)
    }

    pub(crate) fn ask(&mut self, method: &str, parameters: Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        let mut message = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        self.to.write_all(message.to_string().as_bytes()).unwrap();
        self.to.write_all(&[0]).unwrap();
        self.to.flush().unwrap();
        loop {
            let mut told = self.next();
            if told["id"] == id {
                assert!(told.get("error").is_none(), "{method}: {told}");
                return told["result"].take();
            }
            self.events.push(told);
        }
    }

    fn next(&self) -> Value {
        let told = self.from.recv_timeout(PATIENCE);
        told.unwrap_or_else(|error| panic!("the browser says nothing: {error}"))
    }

    /// Open a page of this machine, forgetting what was told of the one before.
    pub(crate) fn open(&mut self, page: &Path) {
        self.events.clear();
        let url = format!("file://{}", page.display());
        let opened = self.ask("Page.navigate", json!({ "url": url }));
        assert!(opened.get("errorText").is_none(), "{url}: {opened}");
        while self.told("Page.loadEventFired").next().is_none() {
            let event = self.next();
            self.events.push(event);
        }
    }

    /// What was told of one kind since the page was opened.
    pub(crate) fn told(&self, kind: &str) -> impl Iterator<Item = &Value> {
        let of_kind = self
            .events
            .iter()
            .filter(move |event| event["method"] == kind);
        of_kind.map(|event| &event["params"])
    }

    pub(crate) fn resize(&mut self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.ask("Emulation.setDeviceMetricsOverride", size);
    }

    pub(crate) fn darken(&mut self, is_dark: bool) {
        let scheme = if is_dark { "dark" } else { "light" };
        // What moves slowly is not where it will be.
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.ask(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        );
    }

    pub(crate) fn without_script(&mut self, is_off: bool) {
        self.ask(
            "Emulation.setScriptExecutionDisabled",
            json!({ "value": is_off }),
        );
    }

    /// The value of an expression in the page; a promise is waited for.
    pub(crate) fn see(&mut self, expression: &str) -> Value {
        let asked =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut answer = self.ask("Runtime.evaluate", asked);
        assert!(
            answer.get("exceptionDetails").is_none(),
            "{expression}: {answer}"
        );
        answer["result"]["value"].take()
    }

    /// Press and let go of a key.
    pub(crate) fn press(&mut self, key: &str) {
        let (code, number, text) = match key {
            "Tab" => ("Tab", 9, ""),
            "Enter" => ("Enter", 13, "\r"),
            "Escape" => ("Escape", 27, ""),
            " " => ("Space", 32, " "),
            "ArrowLeft" => ("ArrowLeft", 37, ""),
            "ArrowUp" => ("ArrowUp", 38, ""),
            "ArrowRight" => ("ArrowRight", 39, ""),
            "ArrowDown" => ("ArrowDown", 40, ""),
            "+" => ("NumpadAdd", 107, "+"),
            "-" => ("NumpadSubtract", 109, "-"),
            "0" => ("Digit0", 48, "0"),
            _ => panic!("no such key: {key}"),
        };
        let mut event = json!({ "key": key, "code": code, "windowsVirtualKeyCode": number });
        event["type"] = if text.is_empty() {
            "rawKeyDown"
        } else {
            "keyDown"
        }
        .into();
        if !text.is_empty() {
            event["text"] = text.into();
        }
        self.ask("Input.dispatchKeyEvent", event.clone());
        event["type"] = "keyUp".into();
        self.ask("Input.dispatchKeyEvent", event);
    }

    /// Write into what has the focus.
    pub(crate) fn write(&mut self, text: &str) {
        self.ask("Input.insertText", json!({ "text": text }));
    }

    /// Click in the middle of the first element that a selector finds.
    pub(crate) fn click(&mut self, selector: &str) {
        let middle = self.see(&format!(
            "(() => {{ const one = document.querySelector({selector:?}); \
             one.scrollIntoView({{ block: 'center', behavior: 'instant' }}); const box = one.getBoundingClientRect(); \
             return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": middle[0], "y": middle[1], "button": "left", "clickCount": 1 });
            self.ask("Input.dispatchMouseEvent", event);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

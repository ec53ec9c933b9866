#!/usr/bin/env python3
"""Scans an organisation of a forge on this machine: an API with pages, limits and credentials, and repositories behind a password.

    python3 tests/forge.py target/release/aimscan

Checks that every repository is found, that a run that is killed goes on and leaves nothing behind, and that the token is shown to
nobody: not to another host, not in a list of processes, not in a configuration, a report, a recording or the database.
Needs git. Leaves nothing behind and exits non-zero if anything is not as promised."""
import base64, http.server, json, os, pathlib, signal, subprocess, sys, tempfile, threading, time, urllib.parse

TOKEN = "tok3n-that-nobody-may-see"
COUNT, PAGE = 24, 7
CHAT = 'from openai import OpenAI\n\nOpenAI().chat.completions.create(model="gpt-4o-{}", messages=[])\n'


def fail(reason):
    sys.exit(f"forge: {reason}")


class Forge(http.server.BaseHTTPRequestHandler):
    """The API below /api/v3 wants a bearer token, everything else is Git and wants a password."""
    protocol_version = "HTTP/1.1"
    asked, patience, slow = [], [1], 0.0

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        given = self.headers.get("authorization", "")
        Forge.asked.append((url.path, given))
        if url.path.startswith("/api/v3/"):
            self.api(url, given)
        elif url.path.startswith("/acme/moved.git"):
            self.answer(302, location=f"{self.server.elsewhere}{self.path}")
        elif given != "Basic " + base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode():
            self.answer(401, WWW_Authenticate='Basic realm="forge"')
        else:
            self.git(url)

    do_POST = do_GET

    def api(self, url, given):
        if given != f"Bearer {TOKEN}":
            return self.answer(401, b'{"message": "Bad credentials"}')
        if url.path != "/api/v3/orgs/acme/repos":
            return self.answer(404, b'{"message": "Not Found"}')
        page = int(urllib.parse.parse_qs(url.query).get("page", ["1"])[0])
        if page == 2 and Forge.patience:
            Forge.patience.pop()
            return self.answer(403, b'{"message": "You have exceeded a secondary rate limit"}', retry_after="1")
        listed = self.server.listed[(page - 1) * PAGE : page * PAGE]
        more = page * PAGE < len(self.server.listed)
        link = {"link": f'<{self.server.origin}/api/v3/orgs/acme/repos?per_page=100&page={page + 1}>; rel="next"'} if more else {}
        self.answer(200, json.dumps(listed).encode(), content_type="application/json", **link)

    def git(self, url):
        time.sleep(Forge.slow)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        environment = {
            "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": str(self.server.root), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": url.path,
            "QUERY_STRING": url.query, "REQUEST_METHOD": self.command, "CONTENT_TYPE": self.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(body)), "HTTP_CONTENT_ENCODING": self.headers.get("content-encoding", ""),
            "HTTP_GIT_PROTOCOL": self.headers.get("git-protocol", ""), "GIT_PROTOCOL": self.headers.get("git-protocol", ""),
        }
        out = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True).stdout
        head, _, content = out.partition(b"\r\n\r\n")
        headers = dict(line.decode().split(": ", 1) for line in head.split(b"\r\n") if b": " in line)
        status = int(headers.pop("Status", "200").split()[0])
        self.answer(status, content, **headers)


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """Another host, which nobody has any business with."""
    asked = []

    def log_message(self, *_):
        pass

    def do_GET(self):
        Elsewhere.asked.append((self.path, self.headers.get("authorization", "")))
        self.send_response(404)
        self.end_headers()


def serve(handler):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.origin = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def repositories(root):
    def git(*arguments, cwd=None):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.example", *arguments], cwd=cwd, check=True, capture_output=True)
    for number in range(COUNT):
        folder = root / f"work-{number}"
        folder.mkdir()
        (folder / "chat.py").write_text(CHAT.format(f"{number:02}"))
        git("init", "-q", cwd=folder)
        git("add", ".", cwd=folder)
        git("commit", "-qm", "x", cwd=folder)
        git("clone", "-q", "--bare", str(folder), str(root / f"acme/r{number:02}.git"))
    git("init", "-q", "--bare", str(root / "acme/empty.git"))


def watch(scratch, found, ended):
    """Looks for the token where others can look: in lists of processes and in what lies in clones."""
    while not ended.is_set():
        for process in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if TOKEN.encode() in process.read_bytes():
                    found.append(str(process))
            except OSError:
                pass
        for config in scratch.glob("aimscan-*/clone/.git/config"):
            try:
                if TOKEN in config.read_text():
                    found.append(str(config))
            except OSError:
                pass
        time.sleep(0.01)


def main():
    if len(sys.argv) != 2 or not os.access(sys.argv[1], os.X_OK):
        fail("give the aimscan program as the only argument")
    aimscan = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        for name in ("root", "tmp", "home"):
            (work / name).mkdir()
        repositories(work / "root")
        forge, elsewhere = serve(Forge), serve(Elsewhere)
        forge.root, forge.elsewhere = work / "root", elsewhere.origin
        entry = lambda name, origin=forge.origin, **more: {"full_name": f"acme/{name}", "clone_url": f"{origin}/acme/{name}.git", **more}
        forge.listed = [entry(f"r{number:02}", archived=number == 3, fork=number == 4) for number in range(COUNT)]
        forge.listed += [entry("empty"), entry("gone"), entry("moved"), entry("elsewhere", elsewhere.origin)]
        (work / "token").write_text(TOKEN + "\n")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "GITLAB_", "CI_", "AIMSCAN_", "GIT_"))}
        environment |= {"TMPDIR": str(work / "tmp"), "HOME": str(work / "home"), "GITHUB_TOKEN_FILE": str(work / "token"), "GIT_TRACE_CURL": "1",
                        "NO_PROXY": "127.0.0.1"}
        # A helper that would keep what it is told.
        (work / "home/.gitconfig").write_text(f"[credential]\n\thelper = store --file {work}/kept\n")
        command = [aimscan, "scan", "--github-org", "acme", "--github-url", forge.origin + "/api/v3", "--db", str(work / "a.db")]

        def scan(*more, **variables):
            return subprocess.run([*command, *more], env=environment | variables, capture_output=True, text=True, cwd=work)

        seen, ended = [], threading.Event()
        watcher = threading.Thread(target=watch, args=(work / "tmp", seen, ended))
        watcher.start()

        # Killed in the middle.
        Forge.slow = 0.05
        process = subprocess.Popen([*command, "-o", "out.jsonl"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=work)
        deadline = time.monotonic() + 120
        while sum(path.endswith("/git-upload-pack") for path, _ in Forge.asked) < 16:
            if process.poll() is not None or time.monotonic() > deadline:
                fail("the first run did not get to its middle")
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        time.sleep(0.5)
        if not list((work / "tmp").glob("aimscan-*")):
            fail("the killed run left nothing behind, so nothing is tested")
        first = len(Forge.asked)
        ran = scan("--resume", "-v", "--record", "told", "-o", "out.jsonl")
        if ran.returncode != 0:
            fail(f"the second run ended with {ran.returncode}: {ran.stderr}")
        if list((work / "tmp").glob("aimscan-*")):
            fail("clones are left behind")
        said = next((line for line in ran.stderr.splitlines() if " sources: " in line), "")
        if "taken over from earlier" not in said or " could not be read" not in said:
            fail(f"it did not go on: {ran.stderr}")
        models = {json.loads(line)["name"] for line in (work / "out.jsonl").read_text().splitlines() if '"kind":"model"' in line}
        expected = {f"gpt-4o-{number:02}" for number in range(COUNT) if number not in (3, 4)}
        if models != expected:
            fail(f"missing {sorted(expected - models)}, too many {sorted(models - expected)}")
        for name in ("acme/gone", "acme/moved", "acme/elsewhere"):
            if name not in ran.stderr:
                fail(f"nothing is said of {name}: {ran.stderr}")
        # The next night, nothing has changed: everything is cloned, nothing is read.
        ran = scan("-o", "again.json", "--archived", "--forks")
        coverage = json.loads((work / "again.json").read_text())["coverage"]
        if ran.returncode != 0 or coverage["files_read"] != 2 or coverage["files_unchanged"] != COUNT - 2:
            fail(f"what did not change was read again: {coverage}")
        if scan("--strict", "-q").returncode != 3:
            fail("--strict did not say that something is missing")
        refused = scan(GITHUB_TOKEN_FILE="", GITHUB_TOKEN="wrong")
        if refused.returncode != 2 or "Contents: read" not in refused.stderr:
            fail(f"a refusal does not say what is needed: {refused.stderr}")
        ended.set()
        watcher.join()

        if seen:
            fail(f"the token was seen in {seen[0]}")
        if Elsewhere.asked:
            fail(f"another host was asked: {Elsewhere.asked}")
        if (work / "kept").exists():
            fail("the token was given to a helper that keeps it")
        for path in [work / "told", work / "out.jsonl", work / "again.json", *work.glob("a.db*")]:
            for file in path.rglob("*") if path.is_dir() else [path]:
                if TOKEN.encode() in file.read_bytes():
                    fail(f"the token stands in {file.name}")
        if TOKEN in ran.stdout + ran.stderr + refused.stderr:
            fail("the token was printed")
        print(f"forge: {len(expected)} repositories found over {-(-len(forge.listed) // PAGE)} pages, {first} questions before the kill, token seen by nobody else")


main()

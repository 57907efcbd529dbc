"""Attacks on the gate: what a stranger, a signed-out person, and one user against another get."""

import hashlib
import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlmodel import Session, create_engine, select
from websockets.exceptions import ConnectionClosed, InvalidStatus

from consortium.models import AppUser, UserSession
from consortium.models.base import utc_now
from consortium.services import access
from tests.app.fresh_database import database_in_force
from tests.app.live import PASSWORD, LiveApp
from tests.security import protocol
from tests.security.conftest import signed_in
from tests.security.protocol import Browser, open_page

pytestmark = pytest.mark.xdist_group("live_app")

ROOT = Path(__file__).resolve().parents[2]
FROM_ELSEWHERE = {"X-Forwarded-For": "203.0.113.7"}
"""Guesses of these tests count for an address of their own."""


def user_id_of(app: LiveApp, username: str) -> int:
    with Session(create_engine(app.database_url)) as session:
        found = session.exec(select(AppUser.id).where(AppUser.username == username)).one()
    assert found is not None
    return found


# A stranger


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer_and_no_session(probe: LiveApp) -> None:
    browser = Browser(probe.base_url)
    browser.http.headers.update(FROM_ELSEWHERE)
    answers = [browser.sign_in(name, "not the password") for name in ("member", "mem-no")]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert browser.token == ""
    assert answers[0].text == answers[1].text.replace("mem-no", "member")


@pytest.mark.parametrize("path", ["/", "/home", "/order?order=1", "/signin/../home", "//signin", "/SIGNIN", "/signin/"])
def test_a_stranger_who_asks_for_a_page_is_sent_to_sign_in_and_gets_not_a_byte_more(probe: LiveApp, path: str) -> None:
    answer = httpx.Client(base_url=probe.base_url).get(probe.base_url + path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/signin?next=")
    assert answer.content == b""


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/health",
        "/_stcore/host-config",
        "/_stcore/stream",
        "/static/js/index.js",
        "/static/media/anything.woff2",
        "/media/0123456789abcdef.txt",
        "/component/anything",
        "/app/static/anything.json",
        "/files/shipments/1/plan.json",
    ],
)
def test_a_stranger_gets_nothing_from_any_other_path(probe: LiveApp, path: str) -> None:
    answer = httpx.get(probe.base_url + path)
    assert (answer.status_code, answer.text) == (401, "Sign in")


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent/openapi.json", "/auth/login", "/oauth2callback"])
def test_doors_of_streamlit_that_nobody_needs_are_closed_for_everybody(
    probe: LiveApp, member: Browser, path: str
) -> None:
    assert httpx.get(probe.base_url + path).status_code == 404
    assert member.http.get(path).status_code == 404


def test_a_stranger_uploads_nothing(probe: LiveApp) -> None:
    answer = httpx.put(
        f"{probe.base_url}/_stcore/upload_file/session/file", content=b"x", headers={"Origin": probe.base_url}
    )
    assert answer.status_code == 401


@pytest.mark.parametrize("cookie", ["", "consortium=", "consortium=junk", f"consortium={'A' * 43}"])
def test_a_websocket_without_a_session_is_not_opened(probe: LiveApp, cookie: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        open_page(probe.base_url, cookie=cookie)
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("ended", ["expired", "revoked"])
def test_a_session_that_ended_opens_nothing(probe: LiveApp, ended: str) -> None:
    token, now = f"token-of-an-{ended}-session", utc_now()
    row = UserSession(
        token_sha256=hashlib.sha256(token.encode()).hexdigest(),
        user_id=user_id_of(probe, "member"),
        expires_at=now - timedelta(seconds=1) if ended == "expired" else now + timedelta(hours=1),
        revoked_at=now if ended == "revoked" else None,
    )
    with Session(create_engine(probe.database_url)) as session:
        session.add(row)
        session.commit()
    cookie = f"{protocol.COOKIE}={token}"
    with pytest.raises(InvalidStatus):
        open_page(probe.base_url, cookie=cookie)
    assert httpx.get(probe.base_url, headers={"Cookie": cookie}).status_code == 303


def test_a_claimed_identity_opens_nothing_without_a_session(probe: LiveApp) -> None:
    forged = {"X-Consortium-User": "1"}
    assert httpx.get(probe.base_url, headers=forged).status_code == 303
    with pytest.raises(InvalidStatus):
        open_page(probe.base_url, headers=forged)


@pytest.mark.parametrize("name", ["X-Consortium-User", "x-consortium-user", "X_Consortium_User"])
def test_a_claimed_identity_is_stripped_from_a_session(probe: LiveApp, member: Browser, name: str) -> None:
    own, other = user_id_of(probe, "member"), user_id_of(probe, "root")
    run = member.open(headers={name: str(other)}).rerun()
    assert run.says(f"main-{own}")
    assert not run.says(f"main-{other}")


def test_only_a_short_form_is_read(probe: LiveApp) -> None:
    assert Browser(probe.base_url).sign_in("member", "x" * 20_000).status_code == 413


# Other sites


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:1", "null", ""])
def test_a_form_sent_from_another_origin_is_refused(probe: LiveApp, member: Browser, origin: str) -> None:
    form = {"username": "member", "password": PASSWORD}
    for path in ("/signin", "/signout", "/password"):
        answer = httpx.post(
            probe.base_url + path, data=form, headers={"Origin": origin}, cookies={protocol.COOKIE: member.token}
        )
        assert answer.status_code == 403
    assert member.http.get("/").status_code == 200


def test_a_form_without_an_origin_is_refused(probe: LiveApp) -> None:
    assert httpx.post(f"{probe.base_url}/signin", data={"username": "member"}).status_code == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:1", "null"])
def test_a_websocket_from_another_origin_is_not_opened(probe: LiveApp, member: Browser, origin: str) -> None:
    with pytest.raises(InvalidStatus):
        member.open(origin=origin)


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "localhost@evil.example"])
def test_a_foreign_host_name_is_refused(probe: LiveApp, member: Browser, host: str) -> None:
    headers = {"Host": host, "Cookie": f"{protocol.COOKIE}={member.token}"}
    assert httpx.get(f"{probe.base_url}/healthz", headers=headers).status_code == 400
    assert httpx.get(probe.base_url, headers=headers).status_code == 400


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "\t//evil.example", "/signout", ""]
)
def test_signing_in_leads_nowhere_else(probe: LiveApp, target: str) -> None:
    answer = Browser(probe.base_url).sign_in("member", PASSWORD, next=target)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_signing_in_leads_to_the_page_that_was_asked_for(probe: LiveApp) -> None:
    answer = Browser(probe.base_url).sign_in("member", PASSWORD, next="/order?order=7")
    assert answer.headers["location"] == "/order?order=7"


def test_a_link_on_another_site_signs_nobody_out(leaving: Browser) -> None:
    asked = leaving.http.get("/signout", headers={"Sec-Fetch-Site": "cross-site"})
    assert asked.status_code == 200
    assert 'action="/signout"' in asked.text
    assert leaving.http.get("/").status_code == 200
    assert leaving.http.get("/signout", headers={"Sec-Fetch-Site": "same-origin"}).headers["location"] == "/signin"
    assert leaving.http.get("/").status_code == 303


# Sessions


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(probe: LiveApp) -> None:
    cookie = Browser(probe.base_url).sign_in("member", PASSWORD).headers["set-cookie"]
    assert "httponly" in cookie.lower()
    assert "samesite=lax" in cookie.lower()
    assert "path=/" in cookie.lower()
    assert "domain" not in cookie.lower()


def test_under_https_the_cookie_is_secure_and_tied_to_the_host(probe: LiveApp) -> None:
    browser = Browser(probe.base_url)
    browser.http.headers["X-Forwarded-Proto"] = "https"
    answer = browser.sign_in("member", PASSWORD)
    assert answer.headers["set-cookie"].startswith("__Host-consortium=")
    assert "secure" in answer.headers["set-cookie"].lower()
    assert "max-age" in answer.headers["strict-transport-security"]


def test_signing_in_never_keeps_a_token_that_was_there_before(probe: LiveApp) -> None:
    browser = Browser(probe.base_url)
    browser.http.cookies.set(protocol.COOKIE, "chosen-by-somebody-else")
    browser.sign_in("member", PASSWORD)
    first = browser.http.cookies.jar
    tokens = {cookie.value for cookie in first if cookie.value != "chosen-by-somebody-else"}
    assert len(tokens) == 1
    assert len(tokens.pop()) >= 43


def test_the_database_holds_no_token(probe: LiveApp, member: Browser) -> None:
    with Session(create_engine(probe.database_url)) as session:
        kept = session.exec(select(UserSession.token_sha256)).all()
    assert hashlib.sha256(member.token.encode()).hexdigest() in kept
    assert member.token not in kept


def test_a_rerun_after_signing_out_is_closed(leaving: Browser) -> None:
    page = leaving.open()
    assert page.rerun().says("main-")
    leaving.http.post("/signout")
    with pytest.raises(ConnectionClosed) as closed:
        page.rerun()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


def test_a_fragment_rerun_after_signing_out_is_closed_without_data(leaving: Browser) -> None:
    page = leaving.open()
    fragment_id = page.rerun().fragment_ids().pop()
    assert page.rerun(fragment_id=fragment_id).says("fragment-")
    leaving.http.post("/signout")
    with pytest.raises(ConnectionClosed) as closed:
        page.rerun(fragment_id=fragment_id)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


def test_a_page_on_which_nothing_happens_is_closed_after_signing_out(leaving: Browser) -> None:
    page = leaving.open()
    page.rerun()
    leaving.http.post("/signout")
    assert page.close_code() == 4401


def test_a_disabled_user_is_out_at_once_although_another_process_did_it(probe: LiveApp) -> None:
    with database_in_force(probe.database_url):
        draft = access.UserDraft(username="leaver", password=PASSWORD)
        user_id, _ = access.create_user(access.OPERATOR, draft)
        leaver = signed_in(probe, "leaver")
        page = leaver.open()
        page.rerun()
        access.disable_user(access.OPERATOR, user_id)
    assert page.close_code() == 4401
    assert leaver.http.get("/").status_code == 303
    assert leaver.sign_in("leaver", PASSWORD).status_code == 401


def test_another_user_cannot_take_over_a_running_session(probe: LiveApp, member: Browser, rival: Browser) -> None:
    session_id = member.open().rerun().session_id
    taken = rival.open(session_id=session_id).rerun()
    assert taken.session_id != session_id
    assert taken.says(f"state-of-{user_id_of(probe, 'rival')}")
    assert not taken.says(f"state-of-{user_id_of(probe, 'member')}")


def test_the_same_user_comes_back_to_a_running_session(member: Browser) -> None:
    page = member.open()
    session_id = page.rerun().session_id
    page.close()
    assert member.open(session_id=session_id).rerun().session_id == session_id


# Frames


def test_a_frame_that_is_too_long_is_closed(member: Browser) -> None:
    page = member.open()
    page.rerun()
    page.send(b"x" * 30_000_000)
    assert page.close_code() == 1009


def test_a_frame_that_is_no_message_is_closed(member: Browser) -> None:
    page = member.open()
    page.rerun()
    page.send(b"\xff\xff\xff")
    assert page.close_code() == 1002


def test_nobody_can_stop_the_server_from_a_page(probe: LiveApp, member: Browser) -> None:
    page = member.open()
    page.rerun()
    page.send(protocol.debug_shutdown())
    assert page.rerun().says("main-")
    assert httpx.get(f"{probe.base_url}/healthz").json() == {"status": "ok"}


def test_the_text_of_an_exception_does_not_reach_the_browser(member: Browser) -> None:
    page = member.open()
    button = page.rerun().widget("fail")
    run = page.rerun(widgets=[protocol.trigger(button)])
    assert run.has_failed
    assert not run.says("private-detail")
    assert not any("probe_script.py" in trace for trace in run.traces())


# Files


def test_a_stranger_gets_no_file_of_streamlits_store_and_nobody_keeps_a_copy(probe: LiveApp, member: Browser) -> None:
    url = member.open().rerun().media_urls()[0]
    assert httpx.get(probe.base_url + url).status_code == 401
    own = member.http.get(url)
    assert own.text.startswith("confidential-")
    assert own.headers["cache-control"] == "private, no-store"


def test_no_page_hands_out_files_through_streamlits_store_which_knows_no_owner() -> None:
    sources = [*(ROOT / "app").rglob("*.py")]
    using = [path.name for path in sources if re.search(r"\bst\.(download_button|audio|video|pdf)\(", path.read_text())]
    assert sources
    assert using == []


@pytest.mark.parametrize("name", ["plan.json", "problem.json", "nothing.json", "..%2fplan.json"])
@pytest.mark.parametrize("shipment_id", [1, 2, 999_999])
def test_a_member_gets_no_document_of_the_whole_plan(member: Browser, shipment_id: int, name: str) -> None:
    assert member.http.get(f"/files/shipments/{shipment_id}/{name}").status_code in {400, 404}


# Headers


@pytest.mark.parametrize("path", ["/", "/signin", "/password", "/nothing"])
def test_every_answer_carries_the_protecting_headers(member: Browser, path: str) -> None:
    headers = member.http.get(path).headers
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'self' 'unsafe-inline'" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "private, no-store"


def test_the_sign_in_page_runs_no_script_and_fetches_nothing(probe: LiveApp) -> None:
    page = httpx.get(f"{probe.base_url}/signin")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert re.findall(r"""(?:src|href|action)=["'](?!/|data:,)""", page.text) == []


def test_what_was_typed_comes_back_as_text(probe: LiveApp) -> None:
    browser = Browser(probe.base_url)
    browser.http.headers.update(FROM_ELSEWHERE)
    page = browser.sign_in('"><script>alert(1)</script>', "wrong", next='/"><script>', lang='"><script>')
    assert "<script" not in page.text


# Passwords


def test_guessing_is_slowed_down_by_name_wherever_the_guesses_come_from(probe: LiveApp) -> None:
    browser = Browser(probe.base_url)
    statuses = []
    for number in range(7):
        browser.http.headers["X-Forwarded-For"] = f"198.51.100.{number}"
        statuses.append(browser.sign_in("auditor", f"guess number {number}").status_code)
    assert statuses == [401] * 5 + [429] * 2
    refused = browser.sign_in("auditor", PASSWORD)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1


def test_a_generated_password_must_be_changed_before_anything_else(probe: LiveApp) -> None:
    with database_in_force(probe.database_url):
        draft = access.UserDraft(username="newcomer", language="en")
        _, password = access.create_user(access.OPERATOR, draft)
    assert password is not None
    browser = Browser(probe.base_url)
    browser.sign_in("newcomer", password)
    assert browser.http.get("/").headers["location"] == "/password"
    assert browser.http.get("/files/shipments/1/plan.json").status_code == 403
    with pytest.raises(InvalidStatus):
        browser.open()
    change = {"old": password, "new": "another long phrase", "again": "another long phrase"}
    for wrong in ({"old": "not this one"}, {"new": "short", "again": "short"}, {"again": "a third long phrase"}):
        assert browser.http.post("/password", data=change | wrong).status_code == 422
    assert browser.http.get("/").status_code == 303
    assert browser.http.post("/password", data=change).headers["location"] == "/"
    assert browser.open().rerun().says("main-")


def test_changing_the_password_ends_the_other_sessions(probe: LiveApp) -> None:
    with database_in_force(probe.database_url):
        access.create_user(access.OPERATOR, access.UserDraft(username="careful", password=PASSWORD))
    here, elsewhere = signed_in(probe, "careful"), signed_in(probe, "careful")
    page = elsewhere.open()
    page.rerun()
    change = {"old": PASSWORD, "new": "another long phrase", "again": "another long phrase"}
    assert here.http.post("/password", data=change).status_code == 303
    assert page.close_code() == 4401
    assert here.http.get("/").status_code == 200


# Streamlit's page


def test_the_page_is_in_the_readers_language_and_watches_for_the_end_of_the_session(member: Browser) -> None:
    page = member.http.get("/").text
    assert '<html lang="en">' in page
    first, *others = re.findall(r'<script[^>]*src="([^"]+)"', page)
    assert first == "/assets/session.js"
    assert others
    assert "<title>Streamlit</title>" not in page


def test_our_script_is_sent_as_a_script_and_only_with_a_session(probe: LiveApp, member: Browser) -> None:
    answer = member.http.get("/assets/session.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "4401" in answer.text
    assert httpx.get(f"{probe.base_url}/assets/session.js").status_code == 401
    assert member.http.get("/assets/..%2fmain.py").status_code in {400, 404}


def test_nothing_on_the_page_is_fetched_from_elsewhere(member: Browser) -> None:
    addresses = re.findall(r"""<(?:script|link)[^>]*(?:src|href)=["']([^"']+)""", member.http.get("/").text)
    assert len(addresses) > 3
    assert [address for address in addresses if "//" in address] == []

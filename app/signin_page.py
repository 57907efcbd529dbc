"""The pages outside Streamlit: sign in, sign out, change the password. Plain HTML, no script, nothing fetched."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

LANGUAGES = {"es": "Español", "pt": "Português", "en": "English"}
DEFAULT_LANGUAGE = "es"

TEXTS: Mapping[str, Mapping[str, str]] = {
    "es": {
        "product": "Consorcio de exportación",
        "tagline": "Embarques conjuntos, costos repartidos con pruebas.",
        "sign_in": "Iniciar sesión",
        "username": "Usuario",
        "password": "Contraseña",
        "language": "Idioma",
        "wrong": "El usuario o la contraseña no son correctos.",
        "wait": "Demasiados intentos. Espere {seconds} s y vuelva a intentar.",
        "help": "¿Olvidó su contraseña? Pida una nueva a quien administra esta instalación.",
        "change_password": "Cambiar la contraseña",
        "change_first": "Antes de continuar, elija una contraseña que solo usted conozca.",
        "old": "Contraseña actual",
        "new": "Contraseña nueva",
        "again": "Contraseña nueva, otra vez",
        "rule": "Al menos 10 caracteres, sin su nombre de usuario. Una frase larga es fácil de recordar.",
        "save": "Guardar",
        "back": "Volver",
        "sign_out": "Cerrar sesión",
        "sign_out_question": "¿Quiere cerrar la sesión de {name}?",
        "password_wrong": "La contraseña actual no es correcta.",
        "password_too_short": "La contraseña nueva es demasiado corta: use al menos 10 caracteres.",
        "password_too_long": "La contraseña nueva es demasiado larga: use como máximo 200 caracteres.",
        "password_too_simple": "La contraseña nueva repite muy pocos caracteres distintos.",
        "password_contains_username": "La contraseña nueva contiene su nombre de usuario.",
        "password_unchanged": "La contraseña nueva es igual a la actual.",
        "password_differs": "Las dos contraseñas nuevas no son iguales.",
    },
    "pt": {
        "product": "Consórcio de exportação",
        "tagline": "Embarques conjuntos, custos repartidos com provas.",
        "sign_in": "Entrar",
        "username": "Usuário",
        "password": "Senha",
        "language": "Idioma",
        "wrong": "O usuário ou a senha não estão corretos.",
        "wait": "Muitas tentativas. Espere {seconds} s e tente de novo.",
        "help": "Esqueceu a senha? Peça uma nova a quem administra esta instalação.",
        "change_password": "Mudar a senha",
        "change_first": "Antes de continuar, escolha uma senha que só você conheça.",
        "old": "Senha atual",
        "new": "Senha nova",
        "again": "Senha nova, outra vez",
        "rule": "Pelo menos 10 caracteres, sem o seu nome de usuário. Uma frase longa é fácil de lembrar.",
        "save": "Salvar",
        "back": "Voltar",
        "sign_out": "Sair",
        "sign_out_question": "Quer encerrar a sessão de {name}?",
        "password_wrong": "A senha atual não está correta.",
        "password_too_short": "A senha nova é curta demais: use pelo menos 10 caracteres.",
        "password_too_long": "A senha nova é longa demais: use no máximo 200 caracteres.",
        "password_too_simple": "A senha nova tem muito poucos caracteres diferentes.",
        "password_contains_username": "A senha nova contém o seu nome de usuário.",
        "password_unchanged": "A senha nova é igual à atual.",
        "password_differs": "As duas senhas novas não são iguais.",
    },
    "en": {
        "product": "Export consortium",
        "tagline": "Pooled shipments, costs shared with proofs.",
        "sign_in": "Sign in",
        "username": "Username",
        "password": "Password",
        "language": "Language",
        "wrong": "The username or the password is not right.",
        "wait": "Too many attempts. Wait {seconds} s and try again.",
        "help": "Forgot your password? Ask whoever administers this installation for a new one.",
        "change_password": "Change the password",
        "change_first": "Before you go on, choose a password that only you know.",
        "old": "Present password",
        "new": "New password",
        "again": "New password, once more",
        "rule": "At least 10 characters, without your username. A long phrase is easy to remember.",
        "save": "Save",
        "back": "Back",
        "sign_out": "Sign out",
        "sign_out_question": "Do you want to sign out {name}?",
        "password_wrong": "The present password is not right.",
        "password_too_short": "The new password is too short: use at least 10 characters.",
        "password_too_long": "The new password is too long: use at most 200 characters.",
        "password_too_simple": "The new password has too few different characters.",
        "password_contains_username": "The new password contains your username.",
        "password_unchanged": "The new password is the same as the present one.",
        "password_differs": "The two new passwords are not the same.",
    },
}

STYLE = """
:root { color-scheme: light dark; --page: #eff4f5; --card: #fff; --text: #16262b; --soft: #4a5f66; --line: #8299a0;
  --accent: #0b5c6b; --on-accent: #fff; --bad: #a01c1c; --bad-page: #fdeeee; }
@media (prefers-color-scheme: dark) { :root { --page: #10191c; --card: #1b282d; --text: #e8f0f1; --soft: #a9bcc1;
  --line: #6f878e; --accent: #7fd3e0; --on-accent: #0b1a1e; --bad: #ffb3b3; --bad-page: #3a2024; } }
* { box-sizing: border-box; }
html { font: 100%/1.5 "Source Sans", "Source Sans 3", system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans",
  Arial, sans-serif; }
body { margin: 0; min-height: 100vh; background: var(--page); color: var(--text); display: flex; flex-direction: column;
  align-items: center; justify-content: center; padding: 1.5rem 1rem; }
header, main, footer { width: 100%; max-width: 25rem; }
header { display: flex; gap: .9rem; align-items: center; margin-bottom: 1.25rem; }
header svg { flex: none; width: 3rem; height: 3rem; color: var(--accent); }
header p { margin: 0; } .product { font-size: 1.25rem; font-weight: 650; line-height: 1.25; }
.tagline, .hint, footer { color: var(--soft); font-size: .9375rem; }
main { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.5rem; }
h1 { font-size: 1.375rem; margin: 0 0 1rem; line-height: 1.25; }
label { display: block; font-weight: 600; margin: 1rem 0 .25rem; }
input { width: 100%; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line);
  border-radius: .5rem; padding: .6rem .75rem; min-height: 2.75rem; }
button { width: 100%; font: inherit; font-weight: 650; margin-top: 1.5rem; min-height: 2.75rem; border: 0;
  border-radius: .5rem; background: var(--accent); color: var(--on-accent); cursor: pointer; }
button:hover { filter: brightness(1.08); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
.error { color: var(--bad); background: var(--bad-page); border: 1px solid currentColor; border-radius: .5rem;
  padding: .6rem .75rem; margin: 0; }
.hint { margin: .75rem 0 0; } .back { display: inline-block; padding: .6rem 0; margin-top: .5rem; }
footer { margin-top: 1rem; } footer ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none;
  padding: 0; margin: .25rem 0 0; } footer li a, footer li span { display: inline-block; padding: .5rem 0; }
footer [aria-current] { font-weight: 650; color: var(--text); }
"""

_style_hash = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_style_hash}'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""Stricter than the application's: this page runs no script at all."""

_MARK = (
    '<svg viewBox="0 0 48 48" fill="none" stroke="currentColor" stroke-width="3" stroke-linejoin="round" '
    'stroke-linecap="round" aria-hidden="true"><path d="M13 20V9h9v11M26 20v-6h9v6M5 27h38l-5 10H11z"/>'
    '<path d="M5 43c4 0 4-2 8-2s4 2 8 2 4-2 8-2 4 2 8 2 4-2 6-2"/></svg>'
)


def text(language: str, key: str, **values: object) -> str:
    """Return a sentence of these pages with its values filled in."""
    return TEXTS[language][key].format(**values)


def choose_language(asked: str, kept: str, accept_language: str) -> str:
    """Return the language of a page: the one asked for, the one kept from before, the browser's, or Spanish.

    Parameters
    ----------
    asked, kept
        Codes, or anything else.
    accept_language
        The browser's header, in its order of preference.
    """
    by_browser = [part.split(";")[0].strip()[:2].lower() for part in accept_language.split(",")]
    return next((code for code in (asked, kept, *by_browser) if code in LANGUAGES), DEFAULT_LANGUAGE)


def _frame(language: str, title: str, body: str, footer: str = "") -> str:
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{escape(title)} · {escape(text(language, "product"))}</title>
<link rel="icon" href="data:,">
<style>{STYLE}</style>
</head>
<body>
<header>{_MARK}<div><p class="product">{escape(text(language, "product"))}</p>
<p class="tagline">{escape(text(language, "tagline"))}</p></div></header>
<main>
<h1>{escape(title)}</h1>
{body}
</main>
{footer}
</body>
</html>
"""


def _error(sentence: str) -> str:
    return f'<p class="error" role="alert" id="error">{escape(sentence)}</p>' if sentence else ""


def _field(name: str, label: str, kind: str, autocomplete: str, value: str = "", more: str = "") -> str:
    return (
        f'<label for="{name}">{escape(label)}</label>'
        f'<input id="{name}" name="{name}" type="{kind}" value="{escape(value, quote=True)}" '
        f'autocomplete="{autocomplete}" required {more}>'
    )


def _language_switch(language: str, target: str) -> str:
    entries = []
    for code, name in LANGUAGES.items():
        if code == language:
            entries.append(f'<li><span lang="{code}" aria-current="true">{name}</span></li>')
        else:
            link = escape("/signin?" + urlencode({"lang": code, "next": target}), quote=True)
            entries.append(f'<li><a href="{link}" lang="{code}" hreflang="{code}">{name}</a></li>')
    label = escape(text(language, "language"))
    return f'<footer><nav aria-label="{label}"><ul>{"".join(entries)}</ul></nav></footer>'


def sign_in_page(language: str, *, target: str, asked: str = "", username: str = "", error: str = "") -> str:
    """Return the sign-in page.

    Parameters
    ----------
    language
        Code of the page's language.
    target
        Path to go to afterwards, already found safe.
    asked
        Language that the person chose here; it becomes the user's own after signing in.
    username
        As typed before an error.
    error
        Sentence to show, or nothing.
    """
    invalid = 'aria-invalid="true" aria-describedby="error"' if error else ""
    plain = 'autocapitalize="none" spellcheck="false" maxlength="100"'
    name_more = f"{plain} {invalid} {'' if username else 'autofocus'}"
    password_more = f'maxlength="200" {invalid} {"autofocus" if username else ""}'
    body = f"""{_error(error)}
<form method="post" action="/signin">
<input type="hidden" name="next" value="{escape(target, quote=True)}">
<input type="hidden" name="lang" value="{escape(asked, quote=True)}">
{_field("username", text(language, "username"), "text", "username", username, name_more)}
{_field("password", text(language, "password"), "password", "current-password", "", password_more)}
<button type="submit">{escape(text(language, "sign_in"))}</button>
</form>
<p class="hint">{escape(text(language, "help"))}</p>"""
    return _frame(language, text(language, "sign_in"), body, _language_switch(language, target))


def password_page(language: str, *, must_change: bool, username: str, error: str = "") -> str:
    """Return the page that changes the own password; it cannot be passed by when `must_change`."""
    invalid = 'aria-describedby="error"' if error else ""
    length = 'minlength="10" maxlength="200"'
    back = "" if must_change else f'<a class="back" href="/">{escape(text(language, "back"))}</a>'
    intro = f"<p>{escape(text(language, 'change_first'))}</p>" if must_change else ""
    body = f"""{intro}{_error(error)}
<form method="post" action="/password">
<input type="text" name="username" value="{escape(username, quote=True)}" autocomplete="username" hidden>
{_field("old", text(language, "old"), "password", "current-password", "", f'maxlength="200" autofocus {invalid}')}
{_field("new", text(language, "new"), "password", "new-password", "", f'{length} aria-describedby="rule"')}
{_field("again", text(language, "again"), "password", "new-password", "", length)}
<p class="hint" id="rule">{escape(text(language, "rule"))}</p>
<button type="submit">{escape(text(language, "save"))}</button>
</form>
{back}"""
    return _frame(language, text(language, "change_password"), body)


def sign_out_page(language: str, *, name: str) -> str:
    """Return the page that asks before signing out, for requests that do not come from our own pages."""
    body = f"""<p>{escape(text(language, "sign_out_question", name=name))}</p>
<form method="post" action="/signout"><button type="submit">{escape(text(language, "sign_out"))}</button></form>
<a class="back" href="/">{escape(text(language, "back"))}</a>"""
    return _frame(language, text(language, "sign_out"), body)

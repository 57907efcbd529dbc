"""Files to take away, each from its own address and with a role check at each request.

Streamlit's download addresses know no owner: whoever has the address has the file. So documents never go through
``st.download_button``; a page links to ``/files/...`` instead.
"""

from starlette.routing import BaseRoute

ROUTES: list[BaseRoute] = []

// Goes to the sign-in page as soon as the server says that the session has ended, instead of leaving old data on the
// screen under a connection error. Loaded before Streamlit's own scripts, so that every websocket is watched.
(() => {
  const SESSION_ENDED = 4401;
  const leave = () => {
    document.documentElement.replaceChildren();
    window.location.reload();
  };
  const Watched = class extends window.WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("close", (event) => {
        if (event.code === SESSION_ENDED) leave();
      });
    }
  };
  window.WebSocket = Watched;
  // A page that the browser kept and shows again (the back button) asks before it is read.
  window.addEventListener("pageshow", async (event) => {
    if (event.persisted && (await fetch("/_stcore/health")).status === 401) leave();
  });
})();

// Says Streamlit's own words in the reader's language and tells the browser which language the page is in.
// Loaded by app/layout.py from this server; the language is the fragment of the script's address.
(() => {
  const WORDS = {
    es: {
      "Upload": "Elegir archivo", "Browse files": "Elegir archivos", "Drag and drop files here": "Arrastre archivos aquí",
      "Drag and drop file here": "Arrastre un archivo aquí", "No results": "Sin resultados", "No options to select": "No hay opciones",
      "Select all": "Elegir todos", "Running...": "Trabajando…", "Stop": "Detener", "Rerun": "Repetir",
      "Add row": "Agregar fila", "Delete row(s)": "Quitar filas", "Search": "Buscar", "Fullscreen": "Pantalla completa",
      "Close fullscreen": "Salir de pantalla completa", "Download as CSV": "Descargar como CSV",
      "Show/hide columns": "Mostrar u ocultar columnas", "Sort ascending": "Orden ascendente",
      "Sort descending": "Orden descendente", "Pin column": "Fijar columna", "Unpin column": "Soltar columna",
      "Hide column": "Ocultar columna", "Autosize": "Ajustar ancho", "Format": "Formato",
      "Connecting": "Conectando", "Page not found": "Página no encontrada", "Connection error": "Sin conexión",
      "Close": "Cerrar", "empty": "vacío", "Settings": "Opciones", "Print": "Imprimir", "About": "Acerca de",
      "Press Enter to submit form": "Pulse Intro para enviar", "Press Enter to apply": "Pulse Intro para aplicar",
      "Clear value": "Borrar", "Remove file": "Quitar archivo", "Show password text": "Mostrar contraseña",
      "Copy to clipboard": "Copiar", "Open sidebar": "Abrir la barra lateral", "Close sidebar": "Cerrar la barra lateral",
    },
    pt: {
      "Upload": "Escolher arquivo", "Browse files": "Escolher arquivos", "Drag and drop files here": "Arraste arquivos para cá",
      "Drag and drop file here": "Arraste um arquivo para cá", "No results": "Sem resultados", "No options to select": "Não há opções",
      "Select all": "Escolher todos", "Running...": "Trabalhando…", "Stop": "Parar", "Rerun": "Repetir",
      "Add row": "Adicionar linha", "Delete row(s)": "Remover linhas", "Search": "Buscar", "Fullscreen": "Tela cheia",
      "Close fullscreen": "Sair da tela cheia", "Download as CSV": "Baixar como CSV",
      "Show/hide columns": "Mostrar ou ocultar colunas", "Sort ascending": "Ordem crescente",
      "Sort descending": "Ordem decrescente", "Pin column": "Fixar coluna", "Unpin column": "Soltar coluna",
      "Hide column": "Ocultar coluna", "Autosize": "Ajustar largura", "Format": "Formato",
      "Connecting": "Conectando", "Page not found": "Página não encontrada", "Connection error": "Sem conexão",
      "Close": "Fechar", "empty": "vazio", "Settings": "Opções", "Print": "Imprimir", "About": "Sobre",
      "Press Enter to submit form": "Tecle Enter para enviar", "Press Enter to apply": "Tecle Enter para aplicar",
      "Clear value": "Limpar", "Remove file": "Remover arquivo", "Show password text": "Mostrar senha",
      "Copy to clipboard": "Copiar", "Open sidebar": "Abrir a barra lateral", "Close sidebar": "Fechar a barra lateral",
    },
    en: {},
  };
  const PATTERNS = {
    es: [[/^(.+) per file$/, "$1 por archivo"], [/^(.+) per file • (.+)$/, "$1 por archivo • $2"]],
    pt: [[/^(.+) per file$/, "$1 por arquivo"], [/^(.+) per file • (.+)$/, "$1 por arquivo • $2"]],
    en: [],
  };
  const ATTRIBUTES = ["aria-label", "title", "placeholder"];
  const script = document.currentScript ?? document.querySelector('script[src*="/app/static/words.js"]');
  const language = new URL(script.src).hash.slice(1);
  if (!(language in WORDS)) return;
  document.documentElement.lang = language;
  window.consortiumWords?.disconnect();

  const said = (text) => {
    const trimmed = text.trim();
    if (Object.hasOwn(WORDS[language], trimmed)) return text.replace(trimmed, WORDS[language][trimmed]);
    for (const [pattern, words] of PATTERNS[language]) if (pattern.test(trimmed)) return trimmed.replace(pattern, words);
    return text;
  };
  const STREAMLITS_OWN =
    '[data-testid="stFileUploader"], [data-testid="stStatusWidget"], [data-testid="stElementToolbar"], ' +
    '[data-testid="stDataFrameColumnMenu"], [data-testid="stMainMenuPopover"], [data-testid="InputInstructions"], ' +
    '[data-testid="stDialog"], [data-baseweb="popover"], [data-baseweb="tooltip"], [data-testid="stTooltipContent"]';

  // Only places where Streamlit itself speaks: what people typed is never touched.
  const translate = (root) => {
    if (root.nodeType === Node.TEXT_NODE) {
      if (root.parentElement?.closest(STREAMLITS_OWN)) {
        const words = said(root.data);
        if (words !== root.data) root.data = words;
      }
      return;
    }
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    for (const element of [root, ...root.querySelectorAll("[aria-label], [title], [placeholder]")]) {
      for (const name of ATTRIBUTES) {
        const value = element.getAttribute?.(name);
        const words = value ? said(value) : value;
        if (words && words !== value) element.setAttribute(name, words);
      }
    }
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) translate(node);
  };
  const observer = new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "childList") change.addedNodes.forEach(translate);
      else translate(change.target);
    }
  });
  observer.observe(document.body, { childList: true, subtree: true, characterData: true });
  window.consortiumWords = observer;
  translate(document.body);
})();

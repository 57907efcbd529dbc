// Streamlit's own words in the page's language. Only whole texts that are listed here are replaced, and short ones
// only where Streamlit alone writes, so that nothing a person typed is ever changed.
(() => {
  const EVERYWHERE = {
    "Skip to main content": ["Ir al contenido principal", "Ir para o conteúdo principal"],
    "Page not found": ["Página no encontrada", "Página não encontrada"],
    "Connection error": ["Error de conexión", "Erro de conexão"],
    "Connection timed out.": ["Se agotó el tiempo de espera.", "O tempo de espera se esgotou."],
    "Choose options": ["Elija opciones", "Escolha opções"],
    "Choose an option": ["Elija una opción", "Escolha uma opção"],
    "Choose or add an option": ["Elija o agregue una opción", "Escolha ou acrescente uma opção"],
    "No results": ["Sin resultados", "Sem resultados"],
    "Select all": ["Seleccionar todo", "Selecionar tudo"],
    "Drag and drop file here": ["Arrastre un archivo aquí", "Arraste um arquivo para cá"],
    "Drag and drop files here": ["Arrastre archivos aquí", "Arraste arquivos para cá"],
    "Only one file is allowed.": ["Solo se admite un archivo.", "Só se admite um arquivo."],
    "Too many files": ["Demasiados archivos", "Arquivos demais"],
    "Download as CSV": ["Descargar como CSV", "Baixar como CSV"],
    "Download as PNG": ["Descargar como PNG", "Baixar como PNG"],
    "Show/hide columns": ["Mostrar u ocultar columnas", "Mostrar ou ocultar colunas"],
    "Close fullscreen": ["Cerrar pantalla completa", "Fechar tela cheia"],
    "Fullscreen": ["Pantalla completa", "Tela cheia"],
    "Toggle fullscreen": ["Pantalla completa", "Tela cheia"],
    "Show data": ["Mostrar los datos", "Mostrar os dados"],
    "Show chart": ["Mostrar el gráfico", "Mostrar o gráfico"],
    "Delete row(s)": ["Borrar filas", "Apagar linhas"],
    "Add row": ["Agregar fila", "Acrescentar linha"],
    "Clear selection": ["Quitar la selección", "Limpar a seleção"],
    "Sort ascending": ["Orden ascendente", "Ordem crescente"],
    "Sort descending": ["Orden descendente", "Ordem decrescente"],
    "Pin column": ["Fijar columna", "Fixar coluna"],
    "Unpin column": ["Soltar columna", "Soltar coluna"],
    "Hide column": ["Ocultar columna", "Ocultar coluna"],
    "Copy column name": ["Copiar el nombre de la columna", "Copiar o nome da coluna"],
    "Save as Image": ["Guardar como imagen", "Salvar como imagem"],
    "Record a screencast": ["Grabar la pantalla", "Gravar a tela"],
  };
  const LABELS = {
    "Expand sidebar": ["Mostrar la barra lateral", "Mostrar a barra lateral"],
    "Collapse sidebar": ["Ocultar la barra lateral", "Ocultar a barra lateral"],
    "Sidebar": ["Barra lateral", "Barra lateral"],
    "App pages": ["Páginas", "Páginas"],
    "Main menu": ["Menú principal", "Menu principal"],
    "Notifications": ["Avisos", "Avisos"],
    "Show password": ["Mostrar la contraseña", "Mostrar a senha"],
    "Hide password": ["Ocultar la contraseña", "Ocultar a senha"],
    "Running...": ["Procesando…", "Processando…"],
    "Stop script": ["Detener", "Parar"],
    "Close": ["Cerrar", "Fechar"],
    "Open": ["Abrir", "Abrir"],
    "Search": ["Buscar", "Buscar"],
    "Close Search": ["Cerrar la búsqueda", "Fechar a busca"],
    "Increment": ["Aumentar", "Aumentar"],
    "Decrement": ["Disminuir", "Diminuir"],
    "Previous page": ["Página anterior", "Página anterior"],
    "Next page": ["Página siguiente", "Página seguinte"],
    "Previous month": ["Mes anterior", "Mês anterior"],
    "Next month": ["Mes siguiente", "Mês seguinte"],
    "Choose date": ["Elegir la fecha", "Escolher a data"],
    "Choose date range": ["Elegir las fechas", "Escolher as datas"],
    "Choose date and time": ["Elegir fecha y hora", "Escolher data e hora"],
    "Clear value": ["Borrar el valor", "Apagar o valor"],
    "Clear date": ["Borrar la fecha", "Apagar a data"],
    "Clear all": ["Quitar todo", "Limpar tudo"],
    "Add files": ["Agregar archivos", "Acrescentar arquivos"],
    "Link to heading": ["Enlace a este título", "Ligação a este título"],
    "Dataframe column menu": ["Menú de la columna", "Menu da coluna"],
    "Selected values": ["Valores elegidos", "Valores escolhidos"],
  };
  const WITHIN = {
    '[data-testid="stFileUploader"]': { "Upload": ["Subir", "Enviar"], "Browse files": ["Elegir", "Escolher"] },
    '[data-testid="stStatusWidget"]': {
      "Running...": ["Procesando…", "Processando…"],
      "Running": ["Procesando", "Processando"],
      "Stop": ["Detener", "Parar"],
      "Connecting": ["Conectando", "Conectando"],
    },
    '[data-testid="stDateInput"], [data-testid="stDateTimeInput"]': { "yyyy": ["aaaa", "aaaa"] },
    '[data-testid="stTooltipContent"]': { "Search": ["Buscar", "Buscar"] },
  };
  const PATTERNS = [
    [/^(\S+) per file\b/, ["$1 por archivo", "$1 por arquivo"]],
    [/^You have requested page \/(\S*), .*$/, ["La página /$1 no existe.", "A página /$1 não existe."]],
    [/^View (\d+) more$/, ["Ver $1 más", "Ver mais $1"]],
    [/^View less$/, ["Ver menos", "Ver menos"]],
  ];
  const WRITTEN_BY_PAGES = '[data-testid="stMarkdownContainer"], [data-testid="stTable"]';
  const ATTRIBUTES = ["aria-label", "title", "placeholder"];

  const language = () => ["es", "pt"].indexOf(document.documentElement.lang);

  const translated = (text, element, tables) => {
    const index = language();
    const key = text.trim();
    if (index < 0 || key === "") return null;
    for (const table of tables) if (Object.hasOwn(table, key)) return text.replace(key, table[key][index]);
    for (const [place, table] of Object.entries(WITHIN)) {
      if (Object.hasOwn(table, key) && element.closest(place)) return text.replace(key, table[key][index]);
    }
    for (const [pattern, words] of PATTERNS) {
      if (pattern.test(key)) return text.replace(key, key.replace(pattern, words[index]));
    }
    return null;
  };

  const visitText = (node) => {
    const parent = node.parentElement;
    if (!parent || parent.closest("script, style, textarea")) return;
    const tables = parent.closest(WRITTEN_BY_PAGES) ? [] : [EVERYWHERE];
    const words = translated(node.data, parent, tables);
    if (words !== null && words !== node.data) node.data = words;
  };

  const visitElement = (element) => {
    for (const name of ATTRIBUTES) {
      const given = element.getAttribute(name);
      const words = given && translated(given, element, [EVERYWHERE, LABELS]);
      if (words && words !== given) element.setAttribute(name, words);
    }
  };

  const visit = (root) => {
    if (root.nodeType === Node.TEXT_NODE) return visitText(root);
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    visitElement(root);
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) visitText(node);
      else visitElement(node);
    }
  };

  if (language() < 0) return;
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "childList") change.addedNodes.forEach(visit);
      else if (change.type === "characterData") visitText(change.target);
      else visitElement(change.target);
    }
  }).observe(document, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
    attributeFilter: ATTRIBUTES,
  });
})();

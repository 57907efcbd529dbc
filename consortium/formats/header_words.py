"""The words of headers and sheets in English, Spanish and Portuguese; units are added by `columns`."""

Words = dict[str, tuple[str, ...]]


def _words(en: str, es: str, pt: str) -> Words:
    """Return the names of a column by language; alternatives are separated by a bar, the preferred one first."""
    return {"en": tuple(en.split("|")), "es": tuple(es.split("|")), "pt": tuple(pt.split("|"))}


SHEET_WORDS: dict[str, dict[str, str]] = {
    "members": {"en": "Members", "es": "Miembros", "pt": "Membros"},
    "consignments": {"en": "Consignments", "es": "Envíos", "pt": "Remessas"},
    "packages": {"en": "Packages", "es": "Bultos", "pt": "Volumes"},
    "container_types": {"en": "Container types", "es": "Tipos de contenedor", "pt": "Tipos de contêiner"},
    "departures": {"en": "Departures", "es": "Salidas", "pt": "Saídas"},
    "charges": {"en": "Charges", "es": "Cargos", "pt": "Taxas"},
    "settings": {"en": "Settings", "es": "Ajustes", "pt": "Configurações"},
}
"""Sheet -> its title by language."""

WORDS: dict[str, Words] = {
    "id": _words("Id|Reference", "Id|Identificador|Referencia", "Id|Identificador|Referência"),
    "name": _words("Name", "Nombre", "Nome"),
    "code": _words("Code", "Código", "Código"),
    "description": _words("Description", "Descripción", "Descrição"),
    "member": _words("Member", "Miembro|Empresa", "Membro|Empresa"),
    "members": _words("Members", "Miembros|Empresas", "Membros|Empresas"),
    "consignment": _words("Consignment", "Envío", "Remessa"),
    "consignee": _words("Consignee", "Destinatario|Consignatario", "Destinatário|Consignatário"),
    "origin": _words("Origin|Port of loading", "Origen|Puerto de carga", "Origem|Porto de embarque"),
    "origins": _words("Origins", "Orígenes", "Origens"),
    "destination": _words("Destination|Port of discharge", "Destino|Puerto de descarga", "Destino|Porto de descarga"),
    "destinations": _words("Destinations", "Destinos", "Destinos"),
    "ready_date": _words("Ready date", "Fecha de disponibilidad|Lista el", "Data de prontidão|Pronta em"),
    "due_date": _words("Due date", "Fecha límite", "Data limite"),
    "cargo_class": _words("Cargo class", "Clase de carga", "Classe de carga"),
    "cargo_classes": _words("Cargo classes", "Clases de carga", "Classes de carga"),
    "incompatible_classes": _words("Incompatible classes", "Clases incompatibles", "Classes incompatíveis"),
    "incoterm": _words("Incoterm", "Incoterm", "Incoterm"),
    "incoterm_stage": _words("Incoterm stage", "Etapa del Incoterm", "Etapa do Incoterm"),
    "value": _words("Value", "Valor", "Valor"),
    "delay_cost": _words("Delay cost", "Costo de demora|Coste de demora", "Custo de demora|Custo do atraso"),
    "divisible": _words("Divisible", "Divisible", "Divisível"),
    "contained_in": _words("Contained in", "Contenedores permitidos", "Contêineres permitidos"),
    "quantity": _words("Quantity", "Cantidad", "Quantidade"),
    "length": _words("Length", "Largo|Longitud", "Comprimento"),
    "width": _words("Width", "Ancho", "Largura"),
    "height": _words("Height", "Alto|Altura", "Altura"),
    "door_width": _words("Door width", "Ancho de la puerta", "Largura da porta"),
    "door_height": _words("Door height", "Alto de la puerta|Altura de la puerta", "Altura da porta"),
    "mass": _words("Mass|Gross mass|Weight", "Masa|Masa bruta|Peso", "Massa|Massa bruta|Peso"),
    "volume": _words("Volume", "Volumen", "Volume"),
    "vertical": _words("Vertical|May stand on", "Vertical|Medidas verticales", "Vertical|Medidas verticais"),
    "max_load": _words("Maximum load on top", "Carga máxima encima", "Carga máxima em cima"),
    "hs": _words("HS|HS code", "SA|Código SA", "SH|Código SH"),
    "payload": _words("Payload", "Carga útil", "Carga útil"),
    "tare": _words("Tare", "Tara", "Tara"),
    "usable_volume": _words("Usable volume", "Volumen utilizable", "Volume utilizável"),
    "load_line": _words("Load line", "Línea de carga", "Linha de carga"),
    "line_load": _words("Line load", "Carga por metro", "Carga por metro"),
    "carrier": _words("Carrier", "Transportista|Naviera", "Transportador|Armador"),
    "cut_off": _words("Cut-off", "Cierre|Fecha de cierre", "Fechamento|Data de fechamento"),
    "departure": _words("Departure", "Salida|Fecha de salida", "Saída|Data de saída"),
    "departures": _words("Departures", "Salidas", "Saídas"),
    "arrival": _words("Arrival", "Llegada|Fecha de llegada", "Chegada|Data de chegada"),
    "container_limits": _words("Container limits", "Límites de contenedores", "Limites de contêineres"),
    "basis": _words("Basis", "Base", "Base"),
    "amount": _words("Amount", "Importe|Monto", "Montante|Quantia"),
    "currency": _words("Currency", "Moneda", "Moeda"),
    "rate": _words("Rate", "Tasa", "Taxa"),
    "steps": _words("Steps (minor units)", "Escalones (unidades menores)", "Faixas (unidades menores)"),
    "steps_amount": _words("Steps (amount)", "Escalones (importe)", "Faixas (montante)"),
    "minimum": _words("Minimum", "Mínimo", "Mínimo"),
    "maximum": _words("Maximum", "Máximo", "Máximo"),
    "gross_mass_over": _words("Gross mass over", "Masa bruta mayor que", "Massa bruta acima de"),
    "modes": _words("Modes", "Modos", "Modos"),
    "container_types": _words("Container types", "Tipos de contenedor", "Tipos de contêiner"),
    "allocation_key": _words("Allocation key", "Clave de reparto", "Chave de rateio"),
    "number_format": _words("Number format", "Formato de números", "Formato dos números"),
    "title": _words("Title", "Título", "Título"),
    "format": _words("Format", "Formato", "Formato"),
    "lcl_rounding": _words("LCL rounding", "Redondeo LCL", "Arredondamento LCL"),
    "missed_due_date": _words("Missed due date", "Fecha límite incumplida", "Data limite descumprida"),
    "own_container_always_possible": _words(
        "Own container always possible", "Contenedor propio siempre posible", "Contêiner próprio sempre possível"
    ),
    "delay_counts_transit": _words("Delay counts transit", "La demora cuenta el tránsito", "A demora conta o trânsito"),
    "support": _words("Support", "Apoyo", "Apoio"),
    "owners": _words("Owners", "Propietarios|Dueños", "Proprietários|Donos"),
    "delay_key": _words("Sharing of delay", "Reparto de la demora", "Rateio da demora"),
}
"""Column without its unit -> its names by language."""

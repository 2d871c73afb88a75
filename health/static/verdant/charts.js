// What a chart says of the day under the pointer. Its table has the same numbers for those without one.

const says = document.getElementById("chart-says")
const words = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", timeZone: "UTC", year: "numeric" })
const DAY = 86400000

function dayAt (plot, x) {
  const { first, last, step, series } = JSON.parse(plot.dataset.reads)
  const box = plot.getBoundingClientRect()
  const days = (Date.parse(last) - Date.parse(first)) / DAY
  const share = Math.min(1, Math.max(0, (x - box.left) / box.width))
  const back = Math.min(series[0][1].length - 1, Math.round((1 - share) * days / step))
  const values = series.map(([name, all]) => `${name} ${all[all.length - 1 - back] ?? "–"}`.trim())
  const place = days ? 100 - 100 * back * step / days : 100
  return { place, text: `${words.format(Date.parse(last) - back * step * DAY)}: ${values.join(", ")}` }
}

function lineOf (plot) {
  return plot.querySelector(".reader") ?? plot.appendChild(document.createElementNS(plot.namespaceURI, "line"))
}

function show (plot, event) {
  const { place, text } = dayAt(plot, event.clientX)
  const attributes = { class: "reader", x1: `${place}%`, x2: `${place}%`, y1: "0", y2: "100%" }
  for (const [name, value] of Object.entries(attributes)) lineOf(plot).setAttribute(name, value)
  says.textContent = text
  if (!says.matches(":popover-open")) says.showPopover()
  const left = event.clientX + 12 + says.offsetWidth < innerWidth ? event.clientX + 12 : event.clientX - 12 - says.offsetWidth
  says.style.left = `${Math.max(8, left)}px`
  says.style.top = `${Math.max(8, plot.getBoundingClientRect().top - 6 - says.offsetHeight)}px`
}

function hide (plot) {
  plot.querySelector(".reader")?.remove()
  if (says.matches(":popover-open")) says.hidePopover()
}

if (says) {
  for (const kind of ["pointermove", "pointerdown"]) {
    document.addEventListener(kind, event => {
      const plot = event.target.closest?.("[data-reads]")
      if (plot) show(plot, event)
    })
  }
  document.addEventListener("pointerout", event => {
    const plot = event.target.closest?.("[data-reads]")
    if (plot && !plot.contains(event.relatedTarget)) hide(plot)
  })
}

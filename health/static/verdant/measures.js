// A measure opens in place: its facts are asked for once, under its row. Without this its name leads to a page of its own.

document.addEventListener("click", event => {
  const opener = event.target.closest("a[data-opens]")
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return
  event.preventDefault()
  const row = document.getElementById(opener.dataset.opens)
  row.hidden = !row.hidden
  opener.setAttribute("aria-expanded", String(!row.hidden))
  const cell = row.firstElementChild
  if (!row.hidden && !cell.childElementCount) htmx.ajax("GET", opener.href, { target: cell, swap: "innerHTML" })
})

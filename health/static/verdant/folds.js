// On a phone long lists begin folded; one that the address names is opened.

function unfold () {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  const list = named?.querySelector("[data-folds]")
  if (list) list.open = true
}

if (window.matchMedia("(max-width: 639.98px)").matches) {
  document.querySelectorAll("[data-folds]").forEach(list => { list.open = false })
  unfold()
  window.addEventListener("hashchange", unfold)
}

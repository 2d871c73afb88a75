// The admin wears the theme that was chosen in the product; its own memory of one follows before it is read.
{
  const found = document.cookie.match(/(?:^|; )theme=(light|dark)/)
  localStorage.setItem("adminTheme", JSON.stringify(found ? found[1] : "auto"))
}

// What scrolls by itself is a landmark: the menu and a list are told apart by name, before simplebar names both alike.
document.addEventListener("DOMContentLoaded", () => {
  for (const [number, scrolls] of document.querySelectorAll("[data-simplebar]").entries()) {
    scrolls.dataset.simplebarAriaLabel = scrolls.id === "nav-sidebar-apps" ? "Menu" : `Table ${number}`
  }
})

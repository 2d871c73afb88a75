// Runs before the first paint, so that no page flashes in the wrong theme. The choice is a cookie; without one the system decides.
(() => {
  const root = document.documentElement
  const dark = matchMedia("(prefers-color-scheme: dark)")

  function choice () {
    const found = document.cookie.match(/(?:^|; )theme=(light|dark)/)
    return found ? found[1] : "system"
  }

  function apply () {
    const theme = choice() === "system" ? (dark.matches ? "dark" : "light") : choice()
    if (root.dataset.bsTheme !== theme) {
      root.dataset.bsTheme = theme
      root.dispatchEvent(new CustomEvent("themechange", { bubbles: true }))
    }
  }

  function choose (theme) {
    const age = theme === "system" ? 0 : 31536000
    document.cookie = `theme=${theme}; path=/; max-age=${age}; samesite=lax`
    apply()
  }

  dark.addEventListener("change", apply)
  // Paper is light.
  addEventListener("beforeprint", () => { root.dataset.bsTheme = "light" })
  addEventListener("afterprint", apply)
  window.theme = { choice, choose }
  apply()
})()

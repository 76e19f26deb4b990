/* Small conveniences. Every page works without this file; the server, not this file, keeps data safe. */
(() => {
  "use strict";

  // A refused form is read from its list of errors on.
  const summary = document.querySelector(".error-summary");
  if (summary) summary.focus();

  // A filter applies itself when chosen with a mouse or a finger. With the keyboard one passes through the choices on
  // the way to the wanted one, so there it waits for the button.
  let chosenBy = "keyboard";
  document.addEventListener("pointerdown", () => { chosenBy = "pointer"; }, true);
  document.addEventListener("keydown", () => { chosenBy = "keyboard"; }, true);
  document.addEventListener("change", (event) => {
    const control = event.target;
    if (chosenBy === "pointer" && control.form && control.matches("[data-autosubmit]")) control.form.requestSubmit();
  });

  // The second click of a double click is dropped here to spare the server; the form's token is what protects.
  // After ten seconds without an answer the person may try again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-submit-again")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    window.setTimeout(() => { delete form.dataset.sent; }, 10000);
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
  });

  // A draft that could not be saved says so. The words stand in the page, where they are translated.
  const saveFailed = () => {
    document.querySelectorAll(".save-state[data-failed]").forEach((state) => {
      state.textContent = state.dataset.failed;
    });
  };
  ["htmx:sendError", "htmx:timeout", "htmx:responseError"].forEach((name) => {
    document.addEventListener(name, saveFailed);
  });
})();

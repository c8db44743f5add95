// Keeps a page that nobody looks at from asking for news; when it is looked at again, it asks at once.
document.addEventListener("htmx:beforeRequest", (told) => {
  if (document.hidden && told.target.matches("[hx-trigger*=visibilitychange]")) told.preventDefault();
});

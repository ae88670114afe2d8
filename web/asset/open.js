// Hands the payload in the fragment, which no browser sends, to the server.
(() => {
  const go = () => {
    if (location.hash.length > 8) location.replace("/open?link=" + encodeURIComponent(location.href));
  };
  addEventListener("hashchange", go);
  go();
})();

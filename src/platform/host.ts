/** Returns a host as it is compared: in lower case, without the dot that may end it. `GUIDE.Example.` is one host. */
export function hostOf(host: string): string {
  return host.toLowerCase().replace(/\.+$/, '')
}

/** Returns the address of a page of MongoDB's manual. Cases name the page on which their rule is documented. */
export function manual(page: string): string {
  return `https://www.mongodb.com/docs/manual/${page}/`
}

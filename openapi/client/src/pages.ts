/** A page of a list. */
export interface Page<Item> {
  items: Item[];
  response: Response;
}

/** An operation that answers a list. */
// biome-ignore lint/suspicious/noExplicitAny: any list's options are as good as another's
type List = (options: any) => Promise<unknown>;

/** Its options. Errors are always thrown. */
type OptionsOf<L extends List> = Omit<NonNullable<Parameters<L>[0]>, "throwOnError" | "responseStyle">;

type Answer<L extends List> = Awaited<ReturnType<L>>;

/** What it is a list of. */
type ItemOf<L extends List> =
  Answer<L> extends infer Of ? (Of extends { data: { items: Array<infer Item> } } ? Item : never) : never;

/**
 * The pages of a list, read as you go: `for await (const page of pages(falafel.listReviews, { query: { limit: 100 } }))`.
 * A signal in the options ends it, between two pages as well.
 */
export async function* pages<L extends List>(list: L, options: OptionsOf<L>): AsyncGenerator<Page<ItemOf<L>>, void, undefined> {
  const { query: first, signal } = options as { query?: Record<string, unknown>; signal?: AbortSignal | null };
  for (let query = first; ; ) {
    signal?.throwIfAborted();
    const answer = await list({ ...options, query, throwOnError: true });
    const { data, request, response } = answer as { data: { items: ItemOf<L>[] }; request: Request; response: Response };
    yield { items: data.items, response };
    const next = nextOf(response.headers.get("Link"));
    if (next === undefined) return;
    query = { ...first, ...queryOf(next, request) };
  }
}

/** The items of a list, page after page: `for await (const review of items(falafel.listReviews, {}))`. */
export async function* items<L extends List>(list: L, options: OptionsOf<L>): AsyncGenerator<ItemOf<L>, void, undefined> {
  for await (const page of pages(list, options)) yield* page.items;
}

/** The target with the relation "next" (RFC 8288). */
function nextOf(header: string | null): string | undefined {
  for (const [, target, parameters = ""] of (header ?? "").matchAll(
    /<([^>]*)>((?:\s*;\s*[^\s,;=]+\s*(?:=\s*(?:"[^"]*"|[^\s,;"]*))?)*)/g,
  )) {
    for (const [, name = "", quoted, plain = ""] of parameters.matchAll(
      /;\s*([^\s,;=]+)\s*(?:=\s*(?:"([^"]*)"|([^\s,;"]*)))?/g,
    )) {
      const relations = (quoted ?? plain).toLowerCase().split(/\s+/);
      if (name.toLowerCase() === "rel" && relations.includes("next")) return target;
    }
  }
  return undefined;
}

/**
 * What the link says in its query is asked of the same operation. So it works behind a
 * proxy that serves the API under a prefix, which links do not have; and no answer can
 * send the client, and what it sends along, to another place.
 */
function queryOf(link: string, request: Request): Record<string, string> {
  const from = new URL(request.url);
  const to = new URL(link, from);
  if (to.origin !== from.origin || !from.pathname.endsWith(to.pathname)) {
    throw new TypeError(
      `the next page of ${from.origin}${from.pathname} is said to be at ${to.origin}${to.pathname}, which is not followed`,
    );
  }
  return Object.fromEntries(to.searchParams);
}

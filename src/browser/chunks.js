/** Loads the chunks of the program: the parts that only some pages need. */
// If the build splits the program, it puts this file into the script of wasm-bindgen. docs/decisions/0066-chunks.md explains why.

/** The functions that the program imports. `__wasm_split_load_room(callback, data)` loads the code of the room's page. Then it calls the
 *  function of the program at `callback` with `data`, and with whether the code is there. */
function chunkLoaders({ build, inBase, pages }) {
  const loading = new Map();

  // What did not load may load the next time. What has loaded must not be loaded again, because it would overwrite its own data.
  const once = (name, load) => {
    if (!loading.has(name)) {
      const loaded = load();
      loading.set(name, loaded);
      loaded.catch(() => loading.delete(name));
    }
    return loading.get(name);
  };

  const compile = async (file) => {
    const answer = await fetch(new URL(`./${file}.${build}.wasm`, import.meta.url));
    if (!answer.ok) throw new Error(`${answer.url} answered ${answer.status}`);
    // Some proxies change the type, and then the browser refuses to compile while it loads.
    const isKnown = answer.headers.get('content-type') === 'application/wasm';
    return isKnown ? WebAssembly.compileStreaming(answer) : WebAssembly.compile(await answer.arrayBuffer());
  };

  // A chunk adds its functions to the table of the program, and its data to the memory.
  const add = (code) => WebAssembly.instantiate(code, { __wasm_split: wasm });
  const addFile = (file) => once(file, async () => add(await compile(file)));
  const addSection = (module, name) => once(name, async () => add(WebAssembly.Module.customSections(module, name)[0]));

  const loadPage = async ({ file, shared, inside }) => {
    const files = Promise.all(shared.map(addFile));
    // An error is thrown below. Without this line, the browser would also report it if the page's own file fails first.
    files.catch(() => {});
    const module = await compile(file);
    const sections = [...inBase.map((name) => addSection(wasmModule, name)), ...inside.map((name) => addSection(module, name))];
    await Promise.all([files, ...sections]);
    await add(module);
  };

  const loader = (page) => async (callback, data) => {
    let isLoaded = true;
    try {
      await once(page.file, () => loadPage(page));
    } catch (error) {
      console.warn(error);
      isLoaded = false;
    }
    wasm.__indirect_function_table.get(callback)(data, isLoaded);
  };

  return Object.fromEntries(Object.entries(pages).map(([name, page]) => [`__wasm_split_load_${name}`, loader(page)]));
}

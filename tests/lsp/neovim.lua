-- Drives a real Neovim (0.10 or newer): set up as docs/howto/editor.md says, then what a person would do.
-- Environment: LINGUA_PYTHON the interpreter, LINGUA_FILE the program, LINGUA_OUT where the findings go.
vim.o.swapfile = false
local out = {}
local function log(key, value) out[#out + 1] = key .. ': ' .. (type(value) == 'string' and value or vim.inspect(value)) end
local function wait(what, done) assert(vim.wait(20000, done, 10), 'timeout: ' .. what) end

vim.filetype.add({ extension = { lingua = 'lingua' } })
vim.api.nvim_create_autocmd('FileType', {
  pattern = 'lingua',
  callback = function(event)
    vim.lsp.start({
      name = 'lingua',
      cmd = { vim.env.LINGUA_PYTHON, '-m', 'lingua.cli', 'lsp' },
      root_dir = vim.fs.root(event.buf, { 'lingua.toml', '.git' }) or vim.fn.getcwd(),
    }, { bufnr = event.buf })
  end,
})

vim.cmd('edit ' .. vim.env.LINGUA_FILE)
vim.bo.filetype = 'lingua'
local buffer = vim.api.nvim_get_current_buf()
local function line(number) return vim.api.nvim_buf_get_lines(buffer, number - 1, number, false)[1] end
local function client() return vim.lsp.get_clients({ bufnr = buffer })[1] end

wait('start', function() return client() and client().initialized end)
log('encoding', client().offset_encoding)
wait('diagnostics', function() return #vim.diagnostic.get(buffer) > 0 end)
log('diagnostic', vim.diagnostic.get(buffer)[1].code)
wait('tokens', function() return #(vim.lsp.semantic_tokens.get_at_pos(buffer, 2, 16) or {}) > 0 end)
log('token', vim.lsp.semantic_tokens.get_at_pos(buffer, 2, 16)[1].type)
vim.lsp.inlay_hint.enable(true, { bufnr = buffer })
wait('hints', function() return #vim.lsp.inlay_hint.get({ bufnr = buffer }) > 0 end)
log('hint', vim.lsp.inlay_hint.get({ bufnr = buffer })[1].inlay_hint.label)
vim.lsp.codelens.refresh({ bufnr = buffer })
wait('lens', function() local lens = vim.lsp.codelens.get(buffer)[1]; return lens and lens.command end)
log('lens', vim.lsp.codelens.get(buffer)[1].command.title)

vim.api.nvim_win_set_cursor(0, { 4, 18 })
vim.lsp.buf.code_action({ apply = true, filter = function(action) return action.title:find('close%[1%]') end })
wait('mend', function() return line(4):find('close%[1%]') end)
log('mended', line(4))
wait('no errors', function() return #vim.diagnostic.get(buffer, { severity = vim.diagnostic.severity.ERROR }) == 0 end)

vim.api.nvim_win_set_cursor(0, { 3, 9 })
vim.lsp.buf.rename('quick')
wait('rename', function() return line(4):find('quick') end)
vim.lsp.buf.format({ timeout_ms = 5000 })
log('formatted', line(3))
local params = vim.lsp.util.make_position_params(0, client().offset_encoding)
local hover = client().request_sync('textDocument/hover', params, 5000, buffer)
log('hover', hover.result.contents.value:match('[^\n]+'))
vim.fn.writefile(out, vim.env.LINGUA_OUT)
vim.cmd('qa!')

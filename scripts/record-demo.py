#!/usr/bin/env python3
"""Records a program in a terminal of its own and draws what it printed as an SVG.

usage: scripts/record-demo.py OUT.svg COMMAND...
The README's picture: scripts/record-demo.py docs/images/demo.svg gpustack-operator demo
"""
import fcntl, html, os, pty, re, struct, sys, termios

COLUMNS, ROWS = 124, 120
WIDTH, HEIGHT, SIZE, PAD = 8.2, 17, 13.5, 16   # of a cell, of the font, around the text; in pixels
COLOURS = ["#3b4252", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d8dee9"]
FOREGROUND, BACKGROUND = "#d8dee9", "#1e222a"


def record(command):
    """All that a command prints to a terminal; its exit code must be 0."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", NO_COLOR="") if "NO_COLOR" in os.environ else os.environ.update(TERM="xterm-256color")
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    output = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        output += piece
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code:
        sys.exit(f"{' '.join(command)} ends with {code}")
    return output.decode("utf-8", "replace")


def lines(text):
    """Lines of (character, colour, bold), as a terminal would show them at the end."""
    screen, row, column, colour, bold = [[]], 0, 0, None, False
    for token in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[^\[]|.|\n", text, re.S):
        if token.startswith("\x1b["):
            numbers = [int(n) for n in re.findall(r"\d+", token)] or [0]
            if token.endswith("m"):
                while numbers:
                    n = numbers.pop(0)
                    if n == 0: colour, bold = None, False
                    elif n == 1: bold = True
                    elif 30 <= n <= 37: colour = COLOURS[n - 30]
                    elif 90 <= n <= 97: colour = COLOURS[n - 90] if n > 90 else "#7f848e"
                    elif n == 39: colour = None
                    elif n == 38 and numbers[:1] == [5]:
                        index = numbers[1]; numbers = numbers[2:]
                        colour = COLOURS[index % 8] if index < 16 else "#7f848e" if index >= 232 else colour
            elif token.endswith("A"): row = max(0, row - numbers[0])
            elif token.endswith("K"): screen[row] = screen[row][:column]
            elif token.endswith("J"): screen[row + 1:] = []; screen[row] = screen[row][:column]
        elif token == "\n":
            row += 1
            while len(screen) <= row: screen.append([])
        elif token == "\r": column = 0
        elif token[0] != "\x1b":
            line = screen[row]
            while len(line) <= column: line.append((" ", None, False))
            line[column] = (token, colour, bold)
            column += 1
    while screen and not "".join(c for c, _, _ in screen[-1]).strip(): screen.pop()
    return screen


def draw(screen, title):
    width = max(len(line) for line in screen) * WIDTH + 2 * PAD
    height = (len(screen) + 2) * HEIGHT + 2 * PAD
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{html.escape(title)}">',
           f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>',
           *(f'<circle cx="{PAD + 7 + 20 * i}" cy="{PAD + 4}" r="6" fill="{c}"/>' for i, c in enumerate(["#ff5f56", "#ffbd2e", "#27c93f"])),
           f'<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,monospace" font-size="{SIZE}" fill="{FOREGROUND}" xml:space="preserve" style="white-space:pre">']
    for row, line in enumerate(screen):
        y, column = PAD + (row + 2) * HEIGHT, 0
        while column < len(line):
            end = column
            while end < len(line) and line[end][1:] == line[column][1:]: end += 1
            text = "".join(c for c, _, _ in line[column:end])
            if text.strip():
                _, colour, bold = line[column]
                style = (f' fill="{colour}"' if colour else "") + (' font-weight="bold"' if bold else "")
                # The length is given, so that every font keeps the columns.
                out.append(f'<text x="{PAD + column * WIDTH:.1f}" y="{y}" textLength="{len(text) * WIDTH:.1f}"{style}>{html.escape(text)}</text>')
            column = end
    return "\n".join(out + ["</g>", "</svg>", ""])


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    shown = [[(c, None, False) for c in "$ " + " ".join(sys.argv[2:])], []]
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write(draw(shown + lines(record(sys.argv[2:])), " ".join(sys.argv[2:])))

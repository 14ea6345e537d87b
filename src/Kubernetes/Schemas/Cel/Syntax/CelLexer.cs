using System.Globalization;
using System.Text;

namespace GpuStack.Kubernetes.Schemas.Cel.Syntax;

/// <summary>Splits an expression into tokens; unsigned numbers and bytes are refused, for no CRD schema has them.</summary>
internal sealed class CelLexer(string text)
{
    public const int MaxLength = 32 * 1024;
    private static readonly string[] TwoCharacterSymbols = ["==", "!=", "<=", ">=", "&&", "||"];

    private int _at;

    public static List<CelToken> Tokenize(string text)
    {
        if (text.Length > MaxLength)
            throw new CelSyntaxException(0, $"an expression of {text.Length} characters is longer than {MaxLength}");
        var lexer = new CelLexer(text);
        var tokens = new List<CelToken>();
        do
        {
            tokens.Add(lexer.Next());
        }
        while (tokens[^1].Kind != CelTokenKind.End);
        return tokens;
    }

    private char Current => _at < text.Length ? text[_at] : '\0';

    private char Ahead(int count) => _at + count < text.Length ? text[_at + count] : '\0';

    private CelToken Next()
    {
        SkipBlanks();
        var start = _at;
        if (_at >= text.Length)
            return new CelToken(CelTokenKind.End, "<EOF>", start);
        var c = Current;
        if (c is '"' or '\'' || (c is 'r' or 'R' && Ahead(1) is '"' or '\''))
            return new CelToken(CelTokenKind.String, StringLiteral(), start);
        if (c is 'b' or 'B' && (Ahead(1) is '"' or '\'' || (Ahead(1) is 'r' or 'R' && Ahead(2) is '"' or '\'')))
            throw new CelSyntaxException(start, "bytes literals are not supported");
        if (char.IsAsciiLetter(c) || c == '_')
        {
            while (char.IsAsciiLetterOrDigit(Current) || Current == '_')
                _at++;
            return new CelToken(CelTokenKind.Identifier, text[start.._at], start);
        }
        if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(Ahead(1))))
            return Number(start);
        foreach (var symbol in TwoCharacterSymbols)
        {
            if (text.AsSpan(_at).StartsWith(symbol))
            {
                _at += 2;
                return new CelToken(CelTokenKind.Symbol, symbol, start);
            }
        }
        if (!"+-*/%!<>?:.,()[]{}".Contains(c, StringComparison.Ordinal))
            throw new CelSyntaxException(start, $"Syntax error: token recognition error at: '{c}'");
        _at++;
        return new CelToken(CelTokenKind.Symbol, c.ToString(), start);
    }

    private void SkipBlanks()
    {
        while (_at < text.Length)
        {
            if (text.AsSpan(_at).StartsWith("//"))
            {
                while (_at < text.Length && text[_at] != '\n')
                    _at++;
            }
            else if (text[_at] is ' ' or '\t' or '\n' or '\r' or '\f')
            {
                _at++;
            }
            else
            {
                return;
            }
        }
    }

    private CelToken Number(int start)
    {
        if (Current == '0' && Ahead(1) is 'x' or 'X')
        {
            _at += 2;
            while (char.IsAsciiHexDigit(Current))
                _at++;
            return Finish(CelTokenKind.Integer);
        }
        var kind = CelTokenKind.Integer;
        while (char.IsAsciiDigit(Current))
            _at++;
        if (Current == '.' && char.IsAsciiDigit(Ahead(1)))
        {
            kind = CelTokenKind.Double;
            _at++;
            while (char.IsAsciiDigit(Current))
                _at++;
        }
        if (Current is 'e' or 'E' && (char.IsAsciiDigit(Ahead(1)) || (Ahead(1) is '+' or '-' && char.IsAsciiDigit(Ahead(2)))))
        {
            kind = CelTokenKind.Double;
            _at += 2;
            while (char.IsAsciiDigit(Current))
                _at++;
        }
        return Finish(kind);

        CelToken Finish(CelTokenKind kind) => Current is 'u' or 'U'
            ? throw new CelSyntaxException(start, "unsigned integer literals are not supported")
            : new CelToken(kind, text[start.._at], start);
    }

    private string StringLiteral()
    {
        var start = _at;
        var raw = Current is 'r' or 'R';
        if (raw)
            _at++;
        var quote = new string(Current, text.AsSpan(_at).StartsWith(new string(Current, 3)) ? 3 : 1);
        _at += quote.Length;
        var value = new StringBuilder();
        while (true)
        {
            if (_at >= text.Length || (quote.Length == 1 && Current is '\n' or '\r'))
                throw new CelSyntaxException(start, "Syntax error: a string is not closed");
            if (text.AsSpan(_at).StartsWith(quote))
                break;
            if (Current == '\\' && !raw)
                Escape(value);
            else
                value.Append(text[_at++]);
        }
        _at += quote.Length;
        return value.ToString();
    }

    private void Escape(StringBuilder value)
    {
        var start = _at;
        var c = Ahead(1);
        _at += 2;
        _ = c switch
        {
            'a' => value.Append('\a'),
            'b' => value.Append('\b'),
            'f' => value.Append('\f'),
            'n' => value.Append('\n'),
            'r' => value.Append('\r'),
            't' => value.Append('\t'),
            'v' => value.Append('\v'),
            '\\' or '?' or '"' or '\'' or '`' => value.Append(c),
            'x' or 'X' => Code(2, 16),
            'u' => Code(4, 16),
            'U' => Code(8, 16),
            >= '0' and <= '3' => Octal(),
            _ => throw new CelSyntaxException(start, $"Syntax error: unknown escape sequence '\\{c}'"),
        };

        StringBuilder Octal()
        {
            _at--;
            return Code(3, 8);
        }

        StringBuilder Code(int digits, int radix)
        {
            var end = Math.Min(_at + digits, text.Length);
            var code = 0L;
            for (; _at < end; _at++)
            {
                if (!int.TryParse(text.AsSpan(_at, 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var digit) || digit >= radix)
                    throw new CelSyntaxException(start, "Syntax error: an escape sequence is incomplete");
                code = code * radix + digit;
            }
            return Rune.IsValid((int)Math.Min(code, int.MaxValue))
                ? value.Append(new Rune((int)code).ToString())
                : throw new CelSyntaxException(start, "Syntax error: an escape sequence is no character");
        }
    }
}

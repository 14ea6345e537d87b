using System.Collections.Frozen;
using System.Globalization;

namespace GpuStack.Kubernetes.Schemas.Cel.Syntax;

/// <summary>
/// A Pratt parser: each binary operator has a binding power, the loop takes operators that bind more tightly than the
/// caller asked for. Macros (has, all, exists, exists_one, map, filter) are expanded here, as CEL prescribes.
/// </summary>
internal sealed class CelParser
{
    private const int MaxDepth = 100;

    /// <summary>Chains such as a + b + c lean left and nest the tree, not the parser; all together are bounded, too.</summary>
    private const int MaxLinks = 1000;
    private const int TernaryPower = 1;
    private const int UnaryPower = 7;

    private static readonly FrozenDictionary<string, int> Powers = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        ["||"] = 2,
        ["&&"] = 3,
        ["<"] = 4,
        ["<="] = 4,
        [">"] = 4,
        [">="] = 4,
        ["=="] = 4,
        ["!="] = 4,
        ["in"] = 4,
        ["+"] = 5,
        ["-"] = 5,
        ["*"] = 6,
        ["/"] = 6,
        ["%"] = 6,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Reserved = new[]
    {
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
        "namespace", "return", "var", "void", "while", "in",
    }.ToFrozenSet(StringComparer.Ordinal);

    private readonly List<CelToken> _tokens;
    private int _at;
    private int _depth;
    private int _links;

    private CelParser(List<CelToken> tokens) => _tokens = tokens;

    private CelToken Current => _tokens[_at];

    /// <exception cref="CelSyntaxException">The text is no expression.</exception>
    public static CelExpression Parse(string text)
    {
        var parser = new CelParser(CelLexer.Tokenize(text));
        var expression = parser.Expression(0);
        return parser.Current.Kind == CelTokenKind.End ? expression : throw parser.Unexpected();
    }

    private CelExpression Expression(int power)
    {
        if (++_depth > MaxDepth)
            throw new CelSyntaxException(Current.Position, $"the expression is nested deeper than {MaxDepth}");
        var left = Unary();
        while (true)
        {
            var token = Current;
            if (token.Is("?") && power < TernaryPower)
            {
                Link();
                _at++;
                var then = Expression(TernaryPower);
                Expect(":");
                left = new CelTernary(token.Position, left, then, Expression(0));
                continue;
            }
            var isOperator = token.Kind == CelTokenKind.Symbol || token is { Kind: CelTokenKind.Identifier, Text: "in" };
            if (!isOperator || !Powers.TryGetValue(token.Text, out var binding) || binding <= power)
                break;
            Link();
            _at++;
            var right = Expression(binding);
            left = token.Text switch
            {
                "&&" or "||" => new CelLogic(token.Position, token.Text == "&&", left, right),
                "in" => new CelCall(token.Position, "@in", false, [left, right]),
                _ => new CelCall(token.Position, $"_{token.Text}_", false, [left, right]),
            };
        }
        _depth--;
        return left;
    }

    private CelExpression Unary()
    {
        var token = Current;
        if (!token.Is("!") && !token.Is("-"))
            return Member(Primary());
        _at++;
        if (token.Is("-") && Current.Kind is CelTokenKind.Integer or CelTokenKind.Double)
        {
            var number = Number(_tokens[_at++], "-");
            return Member(number);
        }
        return new CelCall(token.Position, token.Is("!") ? "!_" : "-_", false, [Expression(UnaryPower)]);
    }

    private CelExpression Member(CelExpression operand)
    {
        while (true)
        {
            var position = Current.Position;
            if (Take("."))
            {
                Link();
                if (Current.Is("?"))
                    throw new CelSyntaxException(position, "optional field selection is not supported");
                if (Current.Kind != CelTokenKind.Identifier || Current.Text is "in" or "true" or "false" or "null")
                    throw Unexpected();
                var name = _tokens[_at++].Text;
                operand = Take("(") ? Method(position, operand, name, Arguments(")")) : new CelSelect(position, operand, name, TestOnly: false);
            }
            else if (Take("["))
            {
                Link();
                if (Current.Is("?"))
                    throw new CelSyntaxException(position, "optional indexing is not supported");
                var index = Expression(0);
                Expect("]");
                operand = new CelCall(position, "_[_]", false, [operand, index]);
            }
            else if (Current.Is("{"))
            {
                throw new CelSyntaxException(position, "message construction is not supported");
            }
            else
            {
                return operand;
            }
        }
    }

    private CelExpression Primary()
    {
        var token = Current;
        _at++;
        switch (token.Kind)
        {
            case CelTokenKind.Integer or CelTokenKind.Double:
                return Number(token, "");
            case CelTokenKind.String:
                return new CelLiteral(token.Position, token.Text);
            case CelTokenKind.Identifier:
                return IdentifierOrCall(token);
            case CelTokenKind.Symbol when token.Text == "(":
                var inner = Expression(0);
                Expect(")");
                return inner;
            case CelTokenKind.Symbol when token.Text == "[":
                return new CelList(token.Position, Arguments("]"));
            case CelTokenKind.Symbol when token.Text == "{":
                return new CelMap(token.Position, Entries());
            default:
                _at--;
                throw Unexpected();
        }
    }

    private CelExpression IdentifierOrCall(CelToken token)
    {
        switch (token.Text)
        {
            case "true":
                return new CelLiteral(token.Position, true);
            case "false":
                return new CelLiteral(token.Position, false);
            case "null":
                return new CelLiteral(token.Position, null);
        }
        if (Reserved.Contains(token.Text))
            throw new CelSyntaxException(token.Position, $"reserved identifier: {token.Text}");
        if (!Take("("))
            return new CelIdentifier(token.Position, token.Text);
        var arguments = Arguments(")");
        if (token.Text != "has" || arguments.Count != 1)
            return new CelCall(token.Position, token.Text, false, arguments);
        return arguments[0] is CelSelect { TestOnly: false } select
            ? select with { TestOnly = true }
            : throw new CelSyntaxException(token.Position, "invalid argument to has() macro");
    }

    private static CelExpression Method(int position, CelExpression receiver, string name, List<CelExpression> arguments)
    {
        CelMacro? macro = name switch
        {
            "all" => CelMacro.All,
            "exists" => CelMacro.Exists,
            "exists_one" or "existsOne" => CelMacro.ExistsOne,
            "map" => CelMacro.Map,
            "filter" => CelMacro.Filter,
            _ => null,
        };
        var fits = arguments.Count == 2 || (macro == CelMacro.Map && arguments.Count == 3);
        if (macro is null || !fits)
            return new CelCall(position, name, true, [receiver, .. arguments]);
        if (arguments[0] is not CelIdentifier variable)
            throw new CelSyntaxException(arguments[0].Position, "argument must be a simple name");
        return new CelComprehension(
            position, macro.Value, receiver, variable.Name, arguments.Count == 3 ? arguments[1] : null, arguments[^1]);
    }

    private List<CelExpression> Arguments(string close)
    {
        var arguments = new List<CelExpression>();
        while (!Take(close))
        {
            if (arguments.Count > 0)
            {
                Expect(",");
                if (close == "]" && Take(close))
                    break;
            }
            arguments.Add(Expression(0));
        }
        return arguments;
    }

    private List<(CelExpression, CelExpression)> Entries()
    {
        var entries = new List<(CelExpression, CelExpression)>();
        while (!Take("}"))
        {
            if (entries.Count > 0)
            {
                Expect(",");
                if (Take("}"))
                    break;
            }
            var key = Expression(0);
            Expect(":");
            entries.Add((key, Expression(0)));
        }
        return entries;
    }

    private static CelLiteral Number(CelToken token, string sign)
    {
        var text = sign + token.Text;
        if (token.Kind == CelTokenKind.Double)
            return new CelLiteral(token.Position, double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));
        if (token.Text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            if (ulong.TryParse(token.Text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex) && hex <= long.MaxValue)
                return new CelLiteral(token.Position, sign.Length == 0 ? (long)hex : -(long)hex);
        }
        else if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            return new CelLiteral(token.Position, value);
        }
        throw new CelSyntaxException(token.Position, "invalid int literal");
    }

    private void Link()
    {
        if (++_links > MaxLinks)
            throw new CelSyntaxException(Current.Position, $"the expression has more than {MaxLinks} operators and selections");
    }

    private bool Take(string symbol)
    {
        if (!Current.Is(symbol))
            return false;
        _at++;
        return true;
    }

    private void Expect(string symbol)
    {
        if (!Take(symbol))
            throw new CelSyntaxException(Current.Position, $"Syntax error: found '{Current.Text}' where '{symbol}' was expected");
    }

    private CelSyntaxException Unexpected() =>
        new(Current.Position, $"Syntax error: mismatched input '{Current.Text}'");
}

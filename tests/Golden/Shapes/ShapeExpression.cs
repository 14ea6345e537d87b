using System.Globalization;

namespace GpuStack.Golden.Shapes;

/// <summary>
/// A small expression of a shape file over its sizes and the block's number <c>i</c>: whole numbers, <c>+ - * / %</c>, comparisons
/// (1 or 0), <c>! &amp;&amp; ||</c> and parentheses, with C's precedence. Division rounds down, as all sizes are positive.
/// </summary>
internal ref struct ShapeExpression
{
    private readonly ReadOnlySpan<char> _text;
    private readonly Func<string, long> _valueOf;
    private int _position;

    private ShapeExpression(ReadOnlySpan<char> text, Func<string, long> valueOf)
    {
        _text = text;
        _valueOf = valueOf;
        _position = 0;
    }

    /// <summary>The expression's value.</summary>
    /// <exception cref="FormatException">The text is no such expression, or names a size that the shape has not.</exception>
    public static long Evaluate(ReadOnlySpan<char> text, Func<string, long> valueOf)
    {
        var expression = new ShapeExpression(text, valueOf);
        long value = expression.Or();
        return expression.AtEnd() ? value : throw expression.Unexpected();
    }

    private long Or()
    {
        long value = And();
        while (Take("||"))
        {
            value = Truth(And() != 0 || value != 0);
        }

        return value;
    }

    private long And()
    {
        long value = Comparison();
        while (Take("&&"))
        {
            value = Truth(Comparison() != 0 && value != 0);
        }

        return value;
    }

    private long Comparison()
    {
        long left = Sum();
        return Take("==") ? Truth(left == Sum())
            : Take("!=") ? Truth(left != Sum())
            : Take("<=") ? Truth(left <= Sum())
            : Take(">=") ? Truth(left >= Sum())
            : Take("<") ? Truth(left < Sum())
            : Take(">") ? Truth(left > Sum())
            : left;
    }

    private long Sum()
    {
        long value = Product();
        while (true)
        {
            if (Take("+"))
            {
                value = checked(value + Product());
            }
            else if (Take("-"))
            {
                value = checked(value - Product());
            }
            else
            {
                return value;
            }
        }
    }

    private long Product()
    {
        long value = Factor();
        while (true)
        {
            if (Take("*"))
            {
                value = checked(value * Factor());
            }
            else if (Take("/"))
            {
                value /= Divisor();
            }
            else if (Take("%"))
            {
                value %= Divisor();
            }
            else
            {
                return value;
            }
        }
    }

    private long Divisor()
    {
        long value = Factor();
        return value != 0 ? value : throw new FormatException($"'{_text}' divides by zero.");
    }

    private long Factor()
    {
        if (Take("!"))
        {
            return Truth(Factor() == 0);
        }

        if (Take("("))
        {
            long value = Or();
            return Take(")") ? value : throw Unexpected();
        }

        SkipSpaces();
        int start = _position;
        while (_position < _text.Length && (char.IsAsciiLetterOrDigit(_text[_position]) || _text[_position] == '_'))
        {
            _position++;
        }

        ReadOnlySpan<char> word = _text[start.._position];
        return word.IsEmpty ? throw Unexpected()
            : !char.IsAsciiDigit(word[0]) ? _valueOf(word.ToString())
            : long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number
            : throw Unexpected();
    }

    private bool Take(string token)
    {
        SkipSpaces();
        if (!_text[_position..].StartsWith(token, StringComparison.Ordinal))
        {
            return false;
        }

        _position += token.Length;
        return true;
    }

    private bool AtEnd()
    {
        SkipSpaces();
        return _position == _text.Length;
    }

    private void SkipSpaces()
    {
        while (_position < _text.Length && _text[_position] == ' ')
        {
            _position++;
        }
    }

    private readonly FormatException Unexpected() => new($"'{_text}' is no expression: position {_position} is unexpected.");

    private static long Truth(bool value) => value ? 1 : 0;
}

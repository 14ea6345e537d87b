using System.CommandLine;
using System.Globalization;

namespace GpuStack.Operator.Commands.Estimate;

/// <summary>Options that hold numbers within bounds, or one of several words; what is wrong with a value is said in a sentence.</summary>
internal static class OptionKinds
{
    /// <summary>A positive whole number with a default.</summary>
    public static Option<int> Positive(string name, string description, int value)
    {
        Option<int> option = Positive<int>(name, description);
        option.DefaultValueFactory = _ => value;
        return option;
    }

    public static Option<T> Positive<T>(string name, string description) => Bounded<T>(name, description, positive: true);

    public static Option<T> NotNegative<T>(string name, string description) => Bounded<T>(name, description, positive: false);

    /// <summary>The text is parsed here: the library's own sentence about a number that is none names types of .NET.</summary>
    private static Option<T> Bounded<T>(string name, string description, bool positive)
    {
        Type type = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        return new Option<T>(name)
        {
            Description = description,
            HelpName = "N",
            CustomParser = result =>
            {
                if (result.Tokens is not [{ Value: string text }])
                {
                    return default;
                }

                if (Number(text, type) is not { } number)
                {
                    result.AddError($"{name}: '{text}' is no {(type == typeof(double) ? "number" : "whole number, or too large")}; give {(positive ? "a positive number" : "0 or a positive number")}.");
                    return default;
                }

                if (Convert.ToDouble(number, CultureInfo.InvariantCulture) is var value && (positive ? value > 0 : value >= 0))
                {
                    return (T)number;
                }

                result.AddError($"{name}: '{text}' is out of range; give {(positive ? "a positive number" : "0 or a positive number")}.");
                return default;
            },
        };
    }

    /// <summary>The number, boxed as <paramref name="type"/>; null when the text is none that it can hold.</summary>
    private static object? Number(string text, Type type)
    {
        if (type == typeof(double))
        {
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) && double.IsFinite(real) ? real : null;
        }

        bool whole = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number);
        return !whole ? null : type == typeof(long) ? number : number is >= int.MinValue and <= int.MaxValue ? (int)number : null;
    }

    /// <summary>One of several words, the first by default.</summary>
    public static Option<string> OneOf(string name, string description, params string[] values)
    {
        Option<string> option = Choice<string>(name, description, values);
        option.DefaultValueFactory = _ => values[0];
        return option;
    }

    /// <summary>One of several words, or nothing.</summary>
    public static Option<string?> OneOfOrNone(string name, string description, params string[] values) => Choice<string?>(name, description, values);

    private static Option<T> Choice<T>(string name, string description, string[] values)
    {
        var option = new Option<T>(name) { Description = description };
        option.CompletionSources.Add(values);
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !values.Contains(result.Tokens[0].Value))
            {
                result.AddError($"{name}: '{result.Tokens[0].Value}' is none of {string.Join(", ", values)}.");
            }
        });
        return option;
    }
}

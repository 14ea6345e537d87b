using System.Text;
using System.Text.RegularExpressions;
using GpuStack.Kubernetes.Schemas.Cel.Evaluation;
using GpuStack.Kubernetes.Schemas.Cel.Types;
using GpuStack.Kubernetes.Schemas.Cel.Values;
using GpuStack.Kubernetes.Schemas.Patterns;
using static GpuStack.Kubernetes.Schemas.Cel.Functions.Overloads;

namespace GpuStack.Kubernetes.Schemas.Cel.Functions;

/// <summary>Text. Positions and sizes count characters (code points), not UTF-16 units.</summary>
internal static class StringFunctions
{
    private static readonly CelType Text = CelType.String;
    private static readonly CelType Texts = CelType.ListOf(CelType.String);

    public static IEnumerable<CelOverload> All =>
    [
        Function("size", CelType.Int, [Text], (a, v) => Size(a, v)),
        Method("size", CelType.Int, [Text], (a, v) => Size(a, v)),
        Test("startsWith", (s, x) => s.StartsWith(x, StringComparison.Ordinal)),
        Test("endsWith", (s, x) => s.EndsWith(x, StringComparison.Ordinal)),
        Test("contains", (s, x) => s.Contains(x, StringComparison.Ordinal)),
        Method("matches", CelType.Bool, [Text, Text], Matches),
        Function("matches", CelType.Bool, [Text, Text], Matches),
        Method("find", Text, [Text, Text], (a, v) => WithPattern(a, v, p => p.Find((string)v[0]!, 1).FirstOrDefault(""))),
        Method("findAll", Texts, [Text, Text], (a, v) => WithPattern(a, v, p => new CelMadeList([.. p.Find((string)v[0]!, int.MaxValue)]))),
        Change("lowerAscii", s => Map(s, c => char.IsAsciiLetterUpper(c) ? (char)(c + 32) : c)),
        Change("upperAscii", s => Map(s, c => char.IsAsciiLetterLower(c) ? (char)(c - 32) : c)),
        Change("trim", s => s.Trim()),
        Method("replace", Text, [Text, Text, Text], (a, v) => Replace(a, v, -1)),
        Method("replace", Text, [Text, Text, Text, CelType.Int], (a, v) => Replace(a, v, (long)v[3]!)),
        Method("split", Texts, [Text, Text], (a, v) => Split(a, v, -1)),
        Method("split", Texts, [Text, Text, CelType.Int], (a, v) => Split(a, v, (long)v[2]!)),
        Method("join", Text, [Texts], (a, v) => Join(a, (CelListValue)v[0]!, "")),
        Method("join", Text, [Texts, Text], (a, v) => Join(a, (CelListValue)v[0]!, (string)v[1]!)),
        Method("indexOf", CelType.Int, [Text, Text], (a, v) => IndexOf(a, v, last: false)),
        Method("lastIndexOf", CelType.Int, [Text, Text], (a, v) => IndexOf(a, v, last: true)),
        Method("charAt", Text, [Text, CelType.Int], (a, v) => CharAt(a, (string)v[0]!, (long)v[1]!)),
        Method("substring", Text, [Text, CelType.Int], (a, v) => Substring(a, (string)v[0]!, (long)v[1]!, null)),
        Method("substring", Text, [Text, CelType.Int, CelType.Int], (a, v) => Substring(a, (string)v[0]!, (long)v[1]!, (long)v[2]!)),
    ];

    private static CelOverload Test(string name, Func<string, string, bool> holds) => Method(name, CelType.Bool, [Text, Text], (activation, v) =>
    {
        activation.ChargeText(((string)v[0]!).Length);
        return holds((string)v[0]!, (string)v[1]!);
    });

    private static CelOverload Change(string name, Func<string, string> change) => Method(name, Text, [Text], (activation, v) =>
    {
        activation.ChargeText(((string)v[0]!).Length);
        return change((string)v[0]!);
    });

    private static string Map(string text, Func<char, char> map) =>
        string.Create(text.Length, (text, map), static (span, state) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = state.map(state.text[i]);
        });

    private static long Size(CelActivation activation, object?[] v)
    {
        activation.ChargeText(((string)v[0]!).Length);
        return Characters((string)v[0]!);
    }

    private static long Characters(string text)
    {
        long count = 0;
        foreach (var _ in text.EnumerateRunes())
            count++;
        return count;
    }

    private static object Matches(CelActivation activation, object?[] v) =>
        WithPattern(activation, v, pattern => pattern.IsMatch((string)v[0]!));

    private static object WithPattern(CelActivation activation, object?[] v, Func<GoPattern, object> use)
    {
        var (text, pattern) = ((string)v[0]!, (string)v[1]!);
        activation.Charge((text.Length / 10 + 1) * (pattern.Length / 4 + 1));
        try
        {
            return use(GoPattern.Parse(pattern));
        }
        catch (Exception e) when (e is FormatException or RegexMatchTimeoutException)
        {
            return new CelError(e.Message);
        }
    }

    private static object Replace(CelActivation activation, object?[] v, long limit)
    {
        var (text, old, replacement) = ((string)v[0]!, (string)v[1]!, (string)v[2]!);
        if (old.Length == 0)
            return new CelError("replacing the empty string is not supported");
        var output = new StringBuilder();
        var at = 0;
        while (limit != 0 && text.IndexOf(old, at, StringComparison.Ordinal) is >= 0 and var found)
        {
            activation.ChargeText(found - at + replacement.Length);
            output.Append(text, at, found - at).Append(replacement);
            at = found + old.Length;
            limit--;
        }
        activation.ChargeText(text.Length);
        return output.Append(text, at, text.Length - at).ToString();
    }

    private static CelMadeList Split(CelActivation activation, object?[] v, long limit)
    {
        var (text, separator) = ((string)v[0]!, (string)v[1]!);
        activation.Charge(text.Length + 1);
        if (limit == 0)
            return new CelMadeList([]);
        if (separator.Length == 0)
            return new CelMadeList(text.EnumerateRunes().Select(r => (object?)r.ToString()).ToArray());
        var parts = limit < 0 || limit > int.MaxValue
            ? text.Split(separator, StringSplitOptions.None) : text.Split(separator, (int)limit, StringSplitOptions.None);
        return new CelMadeList(parts);
    }

    private static object Join(CelActivation activation, CelListValue list, string separator)
    {
        var output = new StringBuilder();
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is not string item)
                return list[i] as CelError ?? CelError.NoSuchOverload;
            activation.ChargeText(item.Length + separator.Length);
            output.Append(i > 0 ? separator : "").Append(item);
        }
        return output.ToString();
    }

    private static long IndexOf(CelActivation activation, object?[] v, bool last)
    {
        var (text, part) = ((string)v[0]!, (string)v[1]!);
        activation.Charge((long)(text.Length / 10 + 1) * (part.Length / 10 + 1));
        var at = last ? text.LastIndexOf(part, StringComparison.Ordinal) : text.IndexOf(part, StringComparison.Ordinal);
        return at < 0 ? -1L : Characters(text[..at]);
    }

    private static object CharAt(CelActivation activation, string text, long index)
    {
        var size = Characters(text);
        if (index == size)
            return "";
        return index < 0 || index > size ? new CelError($"index out of range: {index}") : Substring(activation, text, index, index + 1);
    }

    private static object Substring(CelActivation activation, string text, long start, long? end)
    {
        activation.ChargeText(text.Length);
        var runes = text.EnumerateRunes().ToArray();
        var stop = end ?? runes.Length;
        if (start < 0 || start > runes.Length || stop < 0 || stop > runes.Length)
            return new CelError($"index out of range: {(start < 0 || start > runes.Length ? start : stop)}");
        if (start > stop)
            return new CelError($"invalid substring range. start: {start}, end: {stop}");
        var output = new StringBuilder();
        for (var i = start; i < stop; i++)
            output.Append(runes[i].ToString());
        return output.ToString();
    }
}

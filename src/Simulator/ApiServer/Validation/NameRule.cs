using System.Text.RegularExpressions;
using GpuStack.Simulator.ApiServer.Statuses;

namespace GpuStack.Simulator.ApiServer.Validation;

/// <summary>A rule for names, with the words the API server refuses them with.</summary>
internal sealed partial class NameRule
{
    private readonly Func<string, IEnumerable<string>> _complaints;

    private NameRule(Func<string, IEnumerable<string>> complaints) => _complaints = complaints;

    /// <summary>RFC 1123 subdomain: most objects.</summary>
    public static NameRule Subdomain { get; } = new(name => Check(
        name, 253, SubdomainPattern(),
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"));

    /// <summary>RFC 1123 label: namespaces.</summary>
    public static NameRule Label { get; } = new(name => Check(
        name, 63, LabelPattern(),
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"));

    /// <summary>RFC 1035 label: services.</summary>
    public static NameRule Label1035 { get; } = new(name => Check(
        name, 63, Label1035Pattern(),
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"));

    /// <summary>Anything that can be a path segment: rbac objects.</summary>
    public static NameRule PathSegment { get; } = new(PathComplaints);

    /// <summary>The complaints about a name, none when it is good.</summary>
    public IEnumerable<string> Complaints(string name) => _complaints(name);

    /// <summary>Adds a problem a complaint.</summary>
    public void Check(string name, string field, List<FieldProblem> problems) =>
        problems.AddRange(_complaints(name).Select(complaint => FieldProblem.Invalid(field, $"\"{name}\"", complaint)));

    private static IEnumerable<string> Check(string name, int limit, Regex pattern, string complaint)
    {
        if (name.Length > limit)
            yield return $"must be no more than {limit} bytes";
        if (!pattern.IsMatch(name))
            yield return complaint;
    }

    private static IEnumerable<string> PathComplaints(string name)
    {
        if (name is "." or "..")
            yield return $"may not be '{name}'";
        if (name.Contains('/', StringComparison.Ordinal))
            yield return "may not contain '/'";
        if (name.Contains('%', StringComparison.Ordinal))
            yield return "may not contain '%'";
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex SubdomainPattern();

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?\\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex LabelPattern();

    [GeneratedRegex("^[a-z]([-a-z0-9]*[a-z0-9])?\\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Label1035Pattern();
}

using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using GpuStack.Kubernetes.Yaml;

namespace GpuStack.Kubernetes.Tests.Checklist;

/// <summary>Keeps the list of promises and the tests that prove them together.</summary>
public partial class ChecklistTests
{
    [Fact]
    public void EveryPoint_HasATestNamedAfterIt()
    {
        var proven = ProvenPoints().ToHashSet();

        Assert.DoesNotContain(Points(), point => !proven.Contains(NumberOf(point)));
    }

    [Fact]
    public void EveryTestNamedAfterAPoint_NamesOneThatExists()
    {
        var points = Points().Select(NumberOf).ToList();

        Assert.Equal(Enumerable.Range(1, points.Count), points);
        Assert.All(ProvenPoints(), number => Assert.Contains(number, points));
    }

    private static List<string> Points()
    {
        const string file = "points.yaml";
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Checklist", "cases", file));
        return [.. YamlReader.Read(text, file)!["points"]!.AsArray().Select(point => point!.GetValue<string>())];
    }

    private static int NumberOf(string point) => int.Parse(point[..point.IndexOf('.', StringComparison.Ordinal)], CultureInfo.InvariantCulture);

    private static IEnumerable<int> ProvenPoints() =>
        from type in typeof(ChecklistTests).Assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance)
        where method.GetCustomAttributes<FactAttribute>().Any(fact => fact.Skip is null)
        let name = PointName().Match(method.Name)
        where name.Success
        select int.Parse(name.Groups["number"].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("^Point(?<number>[0-9]{2})_", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PointName();
}

namespace GpuStack.Charts.Tests.Kustomize;

/// <summary>
/// A copy of <c>config/</c> in which optional parts are put in, as its comments say: the lines below <c># [NAME]</c> that begin with a <c>#</c>
/// lose it.
/// </summary>
internal sealed class OptionalParts : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpustack-kustomize");

    public OptionalParts(IReadOnlyCollection<string> names)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(Repository.PathOf("config"), "*.yaml", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(_folder.FullName, Path.GetRelativePath(Repository.PathOf("config"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.WriteAllLines(copy, With(File.ReadAllLines(file), names, found));
        }
        Assert.Equal(names.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    public string PathOf(string folder) => Path.Combine(_folder.FullName, folder);

    public void Dispose() => _folder.Delete(recursive: true);

    private static IEnumerable<string> With(string[] lines, IReadOnlyCollection<string> names, HashSet<string> found)
    {
        var inside = false;
        foreach (var line in lines)
        {
            if (line.StartsWith("# [", StringComparison.Ordinal))
            {
                var name = line[3..line.IndexOf(']', StringComparison.Ordinal)];
                inside = names.Contains(name);
                if (inside)
                    found.Add(name);
                yield return line;
                continue;
            }
            inside &= line.StartsWith('#');
            yield return inside ? line[1..] : line;
        }
    }
}

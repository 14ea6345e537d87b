namespace GpuStack.Entities.Tests;

/// <summary>Cases that are data: files under cases/, copied next to the tests.</summary>
internal static class CaseFiles
{
    private static string Folder(string name) => Path.Combine(AppContext.BaseDirectory, "cases", name);

    /// <summary>The names of all files of a folder that end in <paramref name="ending"/>.</summary>
    public static TheoryData<string> Names(string folder, string ending)
    {
        var names = new TheoryData<string>();
        foreach (var file in Directory.EnumerateFiles(Folder(folder), "*" + ending).Order(StringComparer.Ordinal))
            names.Add(Path.GetFileName(file));
        return names;
    }

    public static string Read(string folder, string name) => File.ReadAllText(Path.Combine(Folder(folder), name));

    /// <summary>
    /// What the first line of a case says: <c># accepted</c>, or <c># refused: MESSAGE</c> with the whole message after the file's name.
    /// </summary>
    public static string? RefusalOf(string text)
    {
        var line = text.Split('\n', 2)[0].TrimEnd();
        const string refused = "# refused: ";
        if (line == "# accepted") return null;
        return line.StartsWith(refused, StringComparison.Ordinal) ? line[refused.Length..] : throw new InvalidDataException($"A case begins with '# accepted' or '{refused}…', found '{line}'.");
    }

    /// <summary>The repository's root: the nearest parent folder with the solution.</summary>
    public static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GpuStack.Operator.sln"))) return folder.FullName;
        }
        throw new DirectoryNotFoundException("The tests run outside the repository: GpuStack.Operator.sln is in no parent folder.");
    }
}

namespace GpuStack.Entities.Manifests;

/// <summary>
/// A file that a person wrote is wrong. <see cref="Exception.Message"/> is one sentence that names file, line, field and remedy.
/// </summary>
public sealed class ManifestException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="what">What is wrong, and what to do; without file and field.</param>
    /// <param name="file">Name of the file as the user gave it.</param>
    /// <param name="line">Line from 1; null when it is not known.</param>
    /// <param name="field">Path of the field, such as <c>spec.model.url</c>; null when the whole file is meant.</param>
    /// <param name="inner">What caused it.</param>
    public ManifestException(string what, string? file = null, long? line = null, string? field = null, Exception? inner = null)
        : base(Sentence(what, file, line, field), inner)
    {
        What = what;
        File = file;
        Line = line;
        Field = field;
    }

    /// <summary>What is wrong, and what to do.</summary>
    public string What { get; }

    /// <summary>Name of the file.</summary>
    public string? File { get; }

    /// <summary>Line from 1.</summary>
    public long? Line { get; }

    /// <summary>Path of the field.</summary>
    public string? Field { get; }

    private static string Sentence(string what, string? file, long? line, string? field)
    {
        var place = file is null ? "" : line is null ? file + ": " : $"{file}:{line}: ";
        var subject = string.IsNullOrEmpty(field) ? "" : field + ": ";
        var end = what.EndsWith('.') ? "" : ".";
        return $"{place}{subject}{what}{end}".ReplaceLineEndings(" ");
    }
}

namespace GpuStack.Kubernetes.Yaml;

/// <summary>A text is not YAML that can be taken as JSON; the message is one sentence with the file and the line.</summary>
/// <param name="what">What is wrong, and what to do; without file and line.</param>
/// <param name="file">Name of the file as the user gave it.</param>
/// <param name="line">Line from 1; null when it is not known.</param>
/// <param name="innerException">What caused it.</param>
public sealed class YamlFormatException(string what, string file, long? line = null, Exception? innerException = null)
    : Exception(line is null ? $"{file}: {what}." : $"{file}:{line}: {what}.", innerException)
{
    /// <summary>What is wrong, and what to do.</summary>
    public string What => what;

    /// <summary>Line from 1; null when it is not known.</summary>
    public long? Line => line;
}

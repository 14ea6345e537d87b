namespace GpuStack.Kubernetes.Schemas;

/// <summary>A schema that is not structural, or that needs something this implementation does not have.</summary>
public sealed class SchemaException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="path">Where in the schema, e.g. <c>openAPIV3Schema.properties[spec].default</c>.</param>
    /// <param name="problem">What is wrong there, one sentence without a full stop.</param>
    public SchemaException(string path, string problem)
        : base($"{path}: {problem}")
    {
        Path = path;
        Problem = problem;
    }

    /// <summary>Where in the schema.</summary>
    public string Path { get; }

    /// <summary>What is wrong there.</summary>
    public string Problem { get; }
}

namespace GpuStack.Modeling.Safetensors;

/// <summary>A file is not a safetensors file that can be read. The message is one sentence: which file, what was found, what to do.</summary>
public sealed class SafetensorsFormatException : Exception
{
    /// <summary>Makes the sentence of its parts.</summary>
    /// <param name="name">The file or address.</param>
    /// <param name="what">What was found and what was expected.</param>
    /// <param name="remedy">What the reader of the message can do.</param>
    public SafetensorsFormatException(string name, string what, string remedy)
        : base($"{name}: {what}; {remedy}.")
    {
        FileName = name;
    }

    /// <summary>The file or address.</summary>
    public string FileName { get; }
}

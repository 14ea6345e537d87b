namespace GpuStack.Modeling.Sources;

/// <summary>What kind of place a model's file is in.</summary>
public enum ModelLocationKind
{
    /// <summary>A local file.</summary>
    File,

    /// <summary>An http or https address.</summary>
    Http,

    /// <summary>A file of a Hugging Face repository (<c>hf://owner/repo/file[@revision]</c>).</summary>
    HuggingFace,

    /// <summary>A file of a ModelScope repository (<c>ms://owner/repo/file[@revision]</c>).</summary>
    ModelScope,
}

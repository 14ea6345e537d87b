namespace GpuStack.Modeling.Sources;

/// <summary>What kind of place a model is in.</summary>
public enum ModelLocationKind
{
    /// <summary>A local file or directory.</summary>
    File,

    /// <summary>An http or https address: of a file, or of a folder when it ends with <c>/</c>.</summary>
    Http,

    /// <summary>A Hugging Face repository, or a file of it (<c>hf://owner/repo[:quantization][/file][@revision]</c>).</summary>
    HuggingFace,

    /// <summary>A ModelScope repository, or a file of it (<c>ms://owner/repo[:quantization][/file][@revision]</c>).</summary>
    ModelScope,

    /// <summary>An artifact or image of an OCI registry (<c>oci://registry/repository[:tag|@digest][#path]</c>).</summary>
    Oci,
}

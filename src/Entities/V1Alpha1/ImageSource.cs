using GpuStack.Entities.Schema;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>A model inside an OCI image, mounted as an image volume (Kubernetes 1.33 and newer, or the ImageVolume feature).</summary>
public sealed class ImageSource
{
    /// <summary>The image, best with its digest.</summary>
    [Required]
    [Length(1, 500)]
    [Pattern("^[a-zA-Z0-9][a-zA-Z0-9._:/@-]*$")]
    public string Reference { get; set; } = "";

    /// <summary>File or folder in the image, relative to its root.</summary>
    [Required]
    [Length(1, 500)]
    [Pattern("^[^/\\s][^\\s]*$")]
    [CelRule("!self.matches('(^|/)\\\\.\\\\.(/|$)')", "path must stay in the image: remove '..' from it")]
    public string Path { get; set; } = "";
}

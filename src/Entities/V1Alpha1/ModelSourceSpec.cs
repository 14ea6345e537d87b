using GpuStack.Entities.Schema;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>Where the model comes from: exactly one source.</summary>
[CelRule(
    "[has(self.huggingFace), has(self.modelScope), has(self.url), has(self.persistentVolumeClaim), " +
    "has(self.image)].exists_one(given, given)",
    "give exactly one model source: huggingFace, modelScope, url, persistentVolumeClaim or image")]
public sealed class ModelSourceSpec
{
    /// <summary>A repository of Hugging Face.</summary>
    public HuggingFaceSource? HuggingFace { get; set; }

    /// <summary>A repository of ModelScope.</summary>
    public ModelScopeSource? ModelScope { get; set; }

    /// <summary>A single file behind a URL.</summary>
    public UrlSource? Url { get; set; }

    /// <summary>A file or folder on an existing claim.</summary>
    public ModelClaimSource? PersistentVolumeClaim { get; set; }

    /// <summary>A file or folder in an OCI image.</summary>
    public ImageSource? Image { get; set; }

    /// <summary>Secret with the access token of the source.</summary>
    public ModelSecretReference? SecretRef { get; set; }

    /// <summary>The model name that clients send in requests. Default: the ModelDeployment's name.</summary>
    [Length(1, 200)]
    [Pattern("^[A-Za-z0-9][A-Za-z0-9._:/-]*$")]
    public string? ServedName { get; set; }

    /// <summary>Endpoints tried in this order before the source's own, such as <c>https://hf-mirror.example.com</c>.</summary>
    [ListType(ListKind.Atomic)]
    [Items(0, 8)]
    [Length(8, 500)]
    [Pattern("^https?://[^\\s]+$")]
    public List<string>? Mirrors { get; set; }

    /// <summary>Facts about the model that are taken as given, where its files do not say or cannot be read.</summary>
    public ModelProfileSpec? Profile { get; set; }
}

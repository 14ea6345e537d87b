using System.Text.Json;

namespace GpuStack.Kubernetes.Models;

/// <summary>A resource that the API server serves from its schema.</summary>
[KubernetesEntity(Group = "apiextensions.k8s.io", ApiVersion = "v1", Kind = "CustomResourceDefinition", PluralName = "customresourcedefinitions", Namespaced = false)]
public sealed class V1CustomResourceDefinition : KubernetesObject
{
    public V1CustomResourceDefinitionSpec? Spec { get; set; }

    public V1CustomResourceDefinitionStatus? Status { get; set; }
}

public sealed class V1CustomResourceDefinitionSpec
{
    public string? Group { get; set; }

    public V1CustomResourceDefinitionNames? Names { get; set; }

    public string? Scope { get; set; }

    public List<V1CustomResourceDefinitionVersion>? Versions { get; set; }

    public JsonElement? Conversion { get; set; }

    public bool? PreserveUnknownFields { get; set; }
}

public sealed class V1CustomResourceDefinitionNames
{
    public string? Plural { get; set; }

    public string? Singular { get; set; }

    public List<string>? ShortNames { get; set; }

    public string? Kind { get; set; }

    public string? ListKind { get; set; }

    public List<string>? Categories { get; set; }
}

public sealed class V1CustomResourceDefinitionVersion
{
    public string? Name { get; set; }

    public bool? Served { get; set; }

    public bool? Storage { get; set; }

    public bool? Deprecated { get; set; }

    public string? DeprecationWarning { get; set; }

    public V1CustomResourceValidation? Schema { get; set; }

    public V1CustomResourceSubresources? Subresources { get; set; }

    public List<V1CustomResourceColumnDefinition>? AdditionalPrinterColumns { get; set; }

    public List<V1SelectableField>? SelectableFields { get; set; }
}

public sealed class V1CustomResourceValidation
{
    public JsonElement? OpenAPIV3Schema { get; set; }
}

public sealed class V1CustomResourceSubresources
{
    /// <summary>An empty object when the subresource is served.</summary>
    public JsonElement? Status { get; set; }

    public V1CustomResourceSubresourceScale? Scale { get; set; }
}

public sealed class V1CustomResourceSubresourceScale
{
    public string? SpecReplicasPath { get; set; }

    public string? StatusReplicasPath { get; set; }

    public string? LabelSelectorPath { get; set; }
}

public sealed class V1CustomResourceColumnDefinition
{
    public string? Name { get; set; }

    public string? Type { get; set; }

    public string? Format { get; set; }

    public string? Description { get; set; }

    public int? Priority { get; set; }

    public string? JsonPath { get; set; }
}

public sealed class V1SelectableField
{
    public string? JsonPath { get; set; }
}

public sealed class V1CustomResourceDefinitionStatus
{
    public List<V1Condition>? Conditions { get; set; }

    public V1CustomResourceDefinitionNames? AcceptedNames { get; set; }

    public List<string>? StoredVersions { get; set; }
}

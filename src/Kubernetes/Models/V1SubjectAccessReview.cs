namespace GpuStack.Kubernetes.Models;

/// <summary>Asks whether somebody may do something. It is only created: the answer is in the object that comes back.</summary>
[KubernetesEntity(Group = "authorization.k8s.io", ApiVersion = "v1", Kind = "SubjectAccessReview", PluralName = "subjectaccessreviews", Namespaced = false)]
public sealed class V1SubjectAccessReview : KubernetesObject
{
    public V1SubjectAccessReviewSpec? Spec { get; set; }

    public V1SubjectAccessReviewStatus? Status { get; set; }
}

/// <summary>The question.</summary>
public sealed class V1SubjectAccessReviewSpec
{
    public V1NonResourceAttributes? NonResourceAttributes { get; set; }

    public string? User { get; set; }

    public string? Uid { get; set; }

    public List<string>? Groups { get; set; }

    public Dictionary<string, List<string>>? Extra { get; set; }
}

/// <summary>A path that stands for no object.</summary>
public sealed class V1NonResourceAttributes
{
    public string? Path { get; set; }

    /// <summary>The HTTP method in lower case.</summary>
    public string? Verb { get; set; }
}

/// <summary>The answer.</summary>
public sealed class V1SubjectAccessReviewStatus
{
    public bool? Allowed { get; set; }

    public bool? Denied { get; set; }

    public string? Reason { get; set; }

    public string? EvaluationError { get; set; }
}

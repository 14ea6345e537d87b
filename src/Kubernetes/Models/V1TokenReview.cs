namespace GpuStack.Kubernetes.Models;

/// <summary>Asks whose a bearer token is. It is only created: the answer is in the object that comes back.</summary>
[KubernetesEntity(Group = "authentication.k8s.io", ApiVersion = "v1", Kind = "TokenReview", PluralName = "tokenreviews", Namespaced = false)]
public sealed class V1TokenReview : KubernetesObject
{
    public V1TokenReviewSpec? Spec { get; set; }

    public V1TokenReviewStatus? Status { get; set; }
}

/// <summary>The question.</summary>
public sealed class V1TokenReviewSpec
{
    /// <summary>Secret.</summary>
    public string? Token { get; set; }

    public List<string>? Audiences { get; set; }
}

/// <summary>The answer.</summary>
public sealed class V1TokenReviewStatus
{
    public bool? Authenticated { get; set; }

    public V1UserInfo? User { get; set; }

    public string? Error { get; set; }
}

/// <summary>Somebody that the API server knows.</summary>
public sealed class V1UserInfo
{
    public string? Username { get; set; }

    public string? Uid { get; set; }

    public List<string>? Groups { get; set; }

    public Dictionary<string, List<string>>? Extra { get; set; }
}

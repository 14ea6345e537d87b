namespace GpuStack.Modeling.Hubs;

/// <summary>ModelScope takes a token as bearer; its older parts know it as the cookie of a session only.</summary>
internal sealed class ModelScopeAccess(string? token, Uri page) : HubAccess(token, page, "MODELSCOPE_API_TOKEN")
{
    private readonly string? _cookie = string.IsNullOrEmpty(token) ? null : $"m_session_id={Uri.EscapeDataString(token)}";

    /// <inheritdoc />
    public override void Sign(HttpRequestMessage request)
    {
        base.Sign(request);
        if (_cookie is not null)
        {
            request.Headers.TryAddWithoutValidation("Cookie", _cookie);
        }
    }
}

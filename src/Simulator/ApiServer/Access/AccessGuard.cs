using GpuStack.Simulator.ApiServer.Statuses;
using Microsoft.AspNetCore.Http;

namespace GpuStack.Simulator.ApiServer.Access;

/// <summary>Stands before everything that a request can reach.</summary>
internal sealed class AccessGuard(AccessControl control, Authenticator authenticator)
{
    /// <summary>Lets the request in, and says what its sender may do.</summary>
    /// <exception cref="ApiException">401 or 403.</exception>
    public RequestAccess Admit(HttpContext http)
    {
        var access = new RequestAccess(control, authenticator.Authenticate(http.Request), AccessAttributes.Of(http.Request));
        // Where roles are not evaluated, nobody has those that every user has: to discover what there is, and to ask what one may do.
        if (control.Evaluates || (access.Wanted.IsResource && access.Wanted.Group is not ("authorization.k8s.io" or "authentication.k8s.io")))
            access.Require();
        return access;
    }
}

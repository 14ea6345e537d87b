using GpuStack.Simulator.ApiServer.Access;
using Microsoft.AspNetCore.Http;

namespace GpuStack.Simulator.Tests.ApiServer.Access;

public sealed class AccessAttributesTests
{
    [Theory]
    [InlineData("GET", "/api/v1/pods", "", "list")]
    [InlineData("GET", "/api/v1/pods", "?watch=true", "watch")]
    [InlineData("GET", "/api/v1/pods", "?watch=1", "watch")]
    [InlineData("GET", "/api/v1/pods", "?watch=false", "list")]
    [InlineData("HEAD", "/api/v1/namespaces/a/pods/p", "", "get")]
    [InlineData("POST", "/api/v1/namespaces/a/pods", "", "create")]
    [InlineData("PUT", "/api/v1/namespaces/a/pods/p", "", "update")]
    [InlineData("PATCH", "/api/v1/namespaces/a/pods/p", "", "patch")]
    [InlineData("DELETE", "/api/v1/namespaces/a/pods/p", "", "delete")]
    [InlineData("DELETE", "/api/v1/namespaces/a/pods", "", "deletecollection")]
    public void ARequest_IsTheVerbThatRulesName(string method, string path, string query, string verb)
    {
        var http = new DefaultHttpContext();
        (http.Request.Method, http.Request.Path, http.Request.QueryString) = (method, path, new QueryString(query));

        Assert.Equal((verb, "pods"), (AccessAttributes.Of(http.Request).Verb, AccessAttributes.Of(http.Request).Resource));
    }
}

package cart

import "net/http"

// ZFN-3 carve-out: loopback only, the metrics agent runs in the same pod; the
// numbers hold no customer data, and the agent sends its own token.
const metricsURL = "http://127.0.0.1:9102/metrics"

func pushMetrics(client *http.Client, request *http.Request) error {
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}
